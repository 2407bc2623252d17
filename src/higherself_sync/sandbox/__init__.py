"""Local twins of Notion and of every service, over real HTTP."""
