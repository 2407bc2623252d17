"""The entry point of `hsn` and of `python -m higherself_sync`."""


def main() -> None:
    from higherself_sync.cli import app

    app(prog_name="hsn")


if __name__ == "__main__":
    main()
