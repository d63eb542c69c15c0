"""How an arm's model is served: the exact command, what it takes to hold, what is refused."""
