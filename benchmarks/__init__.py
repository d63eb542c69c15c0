"""How fast a study is: beside the raw socket and the plain SDK, and on going on with it."""
