"""The tour: the real tool against the sandbox over real HTTP, each promise shown and checked."""
