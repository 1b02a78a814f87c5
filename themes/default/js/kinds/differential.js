// Pairs of opposites with steps between them: to a reader, a matrix.

KINDS.differential = (...form) => KINDS.matrix(...form);
