//! What has to hold, as a circuit: variables with a handful of ways each, and nodes over them.
//!
//! Equal nodes are one node, and a node's parts come before it, so that both a look upwards and a
//! look downwards is one pass over a list, however deep an author nests (`solve`).

use std::collections::HashMap;

/// The ways a variable can still be: a bit each.
pub type Ways = u128;

/// More ways than this a variable cannot have.
pub const WAYS_MAX: usize = 127;

/// True of a yes-or-no variable.
pub const YES: Ways = 0b10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Var(pub usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node(pub usize);

/// A line of the author's that can be left out, to see whether it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rule(pub usize);

/// What a node says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Gate {
    Const(bool),
    /// The variable is one of these ways.
    Is(Var, Ways),
    All(Vec<Node>),
    Not(Node),
    /// What an author's line demands. Left out, it is a yes-or-no variable of its own.
    Rule(Rule, Var, Node),
    /// So many of the yes-or-no variables are true as `count` is the number of.
    Sum {
        count: Var,
        of: Vec<Var>,
    },
}

/// Variables and nodes.
#[derive(Debug, Default)]
pub struct Circuit {
    pub gates: Vec<Gate>,
    pub ways: Vec<Ways>,
    pub rules: usize,
    /// All parts of all nodes: what the circuit costs.
    pub size: usize,
    known: HashMap<Gate, Node>,
}

impl Circuit {
    /// A variable that can be in `count` ways.
    pub fn variable(&mut self, count: usize) -> Var {
        debug_assert!((1..=WAYS_MAX).contains(&count));
        self.ways.push((1 << count) - 1);
        Var(self.ways.len() - 1)
    }

    /// Something that may be so or not.
    pub fn free(&mut self) -> Node {
        let var = self.variable(2);
        self.is(var, YES)
    }

    pub fn constant(&mut self, holds: bool) -> Node {
        self.node(Gate::Const(holds))
    }

    pub fn is(&mut self, var: Var, ways: Ways) -> Node {
        let all = self.ways[var.0];
        match ways & all {
            0 => self.constant(false),
            some if some == all => self.constant(true),
            some => self.node(Gate::Is(var, some)),
        }
    }

    pub fn all(&mut self, parts: impl IntoIterator<Item = Node>) -> Node {
        let mut kept: Vec<Node> = Vec::new();
        for part in parts {
            match self.gates[part.0] {
                Gate::Const(true) => {}
                Gate::Const(false) => return part,
                _ => kept.push(part),
            }
        }
        kept.sort_unstable();
        kept.dedup();
        match kept.as_slice() {
            [] => self.constant(true),
            [one] => *one,
            _ => self.node(Gate::All(kept)),
        }
    }

    pub fn any(&mut self, parts: impl IntoIterator<Item = Node>) -> Node {
        let none: Vec<Node> = parts.into_iter().map(|part| self.not(part)).collect();
        let none = self.all(none);
        self.not(none)
    }

    pub fn not(&mut self, part: Node) -> Node {
        match self.gates[part.0] {
            Gate::Const(holds) => self.constant(!holds),
            Gate::Not(inner) => inner,
            _ => self.node(Gate::Not(part)),
        }
    }

    /// Where `when` holds, `then` does.
    pub fn implies(&mut self, when: Node, then: Node) -> Node {
        let not = self.not(when);
        self.any([not, then])
    }

    /// `node`, as a line of its own that can be left out.
    pub fn rule(&mut self, node: Node) -> (Rule, Node) {
        let rule = Rule(self.rules);
        self.rules += 1;
        let left_out = self.variable(2);
        (rule, self.node(Gate::Rule(rule, left_out, node)))
    }

    pub fn sum(&mut self, count: Var, of: Vec<Var>) -> Node {
        self.node(Gate::Sum { count, of })
    }

    fn node(&mut self, gate: Gate) -> Node {
        if let Some(node) = self.known.get(&gate) {
            return *node;
        }
        self.size += 1 + gate.parts().len() + gate.variables().len();
        self.gates.push(gate.clone());
        let node = Node(self.gates.len() - 1);
        self.known.insert(gate, node);
        node
    }
}

impl Gate {
    /// The nodes it is about.
    pub fn parts(&self) -> &[Node] {
        match self {
            Gate::All(parts) => parts,
            Gate::Not(part) | Gate::Rule(_, _, part) => std::slice::from_ref(part),
            Gate::Const(_) | Gate::Is(..) | Gate::Sum { .. } => &[],
        }
    }

    /// The variables it is about, without those of its parts.
    pub fn variables(&self) -> Vec<Var> {
        match self {
            Gate::Is(var, _) | Gate::Rule(_, var, _) => vec![*var],
            Gate::Sum { count, of } => std::iter::once(count).chain(of).copied().collect(),
            Gate::Const(_) | Gate::All(_) | Gate::Not(_) => Vec::new(),
        }
    }
}
