"""The grammar of formulas: text to a small tree."""

import json
import re
from dataclasses import dataclass
from typing import TypeAlias

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>\"(?:[^\"\\]|\\.)*\")|\{\{(?P<column>[^}]*)\}\}|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<mark>==|!=|>=|<=|&&|\|\||[-+*/%^(),.?:<>!]))"
)
_BINARY = (("or", "||"), ("and", "&&"), ("==", "!="), (">", "<", ">=", "<="), ("+", "-"), ("*", "/", "%"))
_WORDS = {"||": "or", "&&": "and"}


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | float | bool


@dataclass(frozen=True, slots=True)
class Column:
    id: str
    """Percent-encoded, as stored."""


@dataclass(frozen=True, slots=True)
class Apply:
    """A function, or an operator under its own sign."""

    name: str
    args: tuple["Node", ...]


Node: TypeAlias = Literal | Column | Apply


class BadFormulaError(ValueError):
    pass


def parse(expression: str) -> Node:
    """Raises BadFormulaError."""
    parser = _Parser(_tokens(expression))
    node = parser.ternary()
    parser.end()
    return node


def _tokens(expression: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at, text = 0, expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise BadFormulaError(f"Unexpected character at {at}: {text[at : at + 10]}")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


class _Parser:
    """Recursive descent, one method for each strength of binding."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _take(self, *marks: str) -> str | None:
        kind, text = self._peek()
        if kind in ("mark", "name") and text in marks:
            self._at += 1
            return text
        return None

    def _expect(self, mark: str) -> None:
        if self._take(mark) is None:
            raise BadFormulaError(f"Expected {mark}, found {self._peek()[1] or 'the end'}")

    def end(self) -> None:
        if self._peek()[0] != "end":
            raise BadFormulaError(f"Unexpected {self._peek()[1]}")

    def ternary(self) -> Node:
        condition = self._binary(0)
        if self._take("?") is None:
            return condition
        yes = self.ternary()
        self._expect(":")
        return Apply("if", (condition, yes, self.ternary()))

    def _binary(self, level: int) -> Node:
        if level == len(_BINARY):
            return self._unary()
        left = self._binary(level + 1)
        while (sign := self._take(*_BINARY[level])) is not None:
            left = Apply(_WORDS.get(sign, sign), (left, self._binary(level + 1)))
        return left

    def _unary(self) -> Node:
        if self._take("-") is not None:
            return Apply("-", (Literal(0), self._unary()))
        if self._take("not", "!") is not None:
            return Apply("not", (self._unary(),))
        return self._power()

    def _power(self) -> Node:
        base = self._postfix()
        return base if self._take("^") is None else Apply("^", (base, self._unary()))

    def _postfix(self) -> Node:
        node = self._atom()
        while self._take(".") is not None:
            kind, name = self._peek()
            if kind != "name":
                raise BadFormulaError(f"Expected a function, found {name or 'the end'}")
            self._at += 1
            self._expect("(")
            node = Apply(name, (node, *self._arguments()))
        return node

    def _arguments(self) -> tuple[Node, ...]:
        if self._take(")") is not None:
            return ()
        found = [self.ternary()]
        while self._take(",") is not None:
            found.append(self.ternary())
        self._expect(")")
        return tuple(found)

    def _atom(self) -> Node:
        if self._take("(") is not None:
            node = self.ternary()
            self._expect(")")
            return node
        kind, text = self._peek()
        self._at += 1
        match kind:
            case "number":
                return Literal(float(text))
            case "text":
                return Literal(str(json.loads(text)))
            case "column":
                return Column(text)
            case "name" if text in ("true", "false"):
                return Literal(text == "true")
            case "name" if text in ("or", "and") or self._peek() == ("mark", "("):
                self._expect("(")
                return Apply(text, self._arguments())
            case _:
                raise BadFormulaError(f"Unexpected {text or 'end of the formula'}")
