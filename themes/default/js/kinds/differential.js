// Pairs of opposites with steps between them: a matrix to whoever reads it.

KINDS.differential = KINDS.matrix;
