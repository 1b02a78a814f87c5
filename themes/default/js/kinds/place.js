// One area of a map, or from the list beside it.

KINDS.place = KINDS.single;
