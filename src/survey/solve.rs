//! Can these nodes of a circuit all hold? A search with propagation and a bounded effort.
//!
//! 1. [`Problem::new`] takes the part of a circuit that the roots stand on.
//! 2. [`Problem::solve`] repeats: follow what must be so, upwards and downwards, until nothing more
//!    follows; then split the ways of one variable in two, and try both.
//!
//! Nothing learns from a conflict: surveys are small, and what exceeds the budget is left unjudged.

use std::collections::HashSet;

use super::circuit::{Circuit, Gate, Node, Rule, Var, Ways, YES};

/// What a search came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Possible,
    Impossible,
    /// The budget ran out.
    Unknown,
}

/// How much may still be looked at, in nodes.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    pub left: usize,
}

impl Budget {
    pub fn spend(&mut self, steps: usize) -> bool {
        let enough = self.left >= steps;
        self.left = self.left.saturating_sub(steps);
        enough
    }

    /// At most `most` of it, to be given back by [`Budget::settle`].
    pub fn share(&self, most: usize) -> Budget {
        Budget { left: self.left.min(most) }
    }

    /// Takes off what was used of a share of `most`.
    pub fn settle(&mut self, share: Budget, most: usize) {
        self.left -= self.left.min(most) - share.left;
    }
}

/// The part of a circuit that some nodes stand on, numbered anew.
#[derive(Debug)]
pub struct Problem {
    gates: Vec<Gate>,
    ways: Vec<Ways>,
    roots: Vec<Node>,
    /// What one pass costs.
    pub size: usize,
    /// The rules in it.
    pub rules: Vec<Rule>,
    /// The circuit's variables in it.
    pub vars: Vec<Var>,
}

/// What is known in one branch of the search.
#[derive(Debug, Clone)]
struct State {
    ways: Vec<Ways>,
    /// What each node must be.
    must: Vec<Option<bool>>,
}

/// Two things that cannot both be.
struct Conflict;

impl Problem {
    /// The problem of all `roots` holding, and of what `also` adds for each variable that matters.
    pub fn new(
        circuit: &Circuit,
        mut roots: Vec<Node>,
        also: &mut dyn FnMut(Var) -> Vec<Node>,
    ) -> Problem {
        let cone = cone(circuit, &mut roots, also);
        let mut problem = Problem {
            gates: Vec::with_capacity(cone.len()),
            ways: Vec::new(),
            roots: Vec::new(),
            size: cone.len(),
            rules: Vec::new(),
            vars: Vec::new(),
        };
        let at = |node: &Node| {
            Node(cone.binary_search(node).expect("a cone holds the parts of its nodes"))
        };
        let mut vars: Vec<Var> =
            cone.iter().flat_map(|node| circuit.gates[node.0].variables()).collect();
        vars.sort_unstable();
        vars.dedup();
        let var_at = |var: &Var| Var(vars.binary_search(var).expect("collected above"));
        for node in &cone {
            let gate = match &circuit.gates[node.0] {
                Gate::Const(holds) => Gate::Const(*holds),
                Gate::Is(var, ways) => Gate::Is(var_at(var), *ways),
                Gate::All(parts) => Gate::All(parts.iter().map(at).collect()),
                Gate::Not(part) => Gate::Not(at(part)),
                Gate::Rule(rule, var, part) => {
                    problem.rules.push(*rule);
                    Gate::Rule(*rule, var_at(var), at(part))
                }
                Gate::Sum { count, of } => {
                    Gate::Sum { count: var_at(count), of: of.iter().map(var_at).collect() }
                }
            };
            problem.size += gate.parts().len();
            problem.gates.push(gate);
        }
        problem.ways = vars.iter().map(|var| circuit.ways[var.0]).collect();
        problem.roots = roots.iter().map(at).collect();
        problem.vars = vars;
        problem
    }

    /// Whether all roots can hold where the rules that `is_left_out` names are left out.
    pub fn solve(&self, is_left_out: &dyn Fn(Rule) -> bool, budget: &mut Budget) -> Verdict {
        let mut search = Search { problem: self, is_left_out, budget };
        let mut first = State { ways: self.ways.clone(), must: vec![None; self.gates.len()] };
        for root in &self.roots {
            first.must[root.0] = Some(true);
        }
        let mut open = vec![first];
        while let Some(mut state) = open.pop() {
            match search.follow(&mut state) {
                None => return Verdict::Unknown,
                Some(Err(Conflict)) => continue,
                Some(Ok(())) => {}
            }
            let Some((var, first)) = search.split(&state) else { return Verdict::Possible };
            let mut second = state.clone();
            second.ways[var.0] &= !first;
            state.ways[var.0] &= first;
            open.push(second);
            open.push(state);
        }
        Verdict::Impossible
    }
}

struct Search<'a> {
    problem: &'a Problem,
    is_left_out: &'a dyn Fn(Rule) -> bool,
    budget: &'a mut Budget,
}

impl Search<'_> {
    /// Follows what must be so until nothing more follows; None where the budget ran out.
    fn follow(&mut self, state: &mut State) -> Option<Result<(), Conflict>> {
        loop {
            if !self.budget.spend(2 * self.problem.size) {
                return None;
            }
            let changed = self.upwards(state).and_then(|up| Ok(up | self.downwards(state)?));
            match changed {
                Err(conflict) => return Some(Err(conflict)),
                Ok(false) => return Some(Ok(())),
                Ok(true) => {}
            }
        }
    }

    fn upwards(&self, state: &mut State) -> Result<bool, Conflict> {
        let mut changed = false;
        for (at, gate) in self.problem.gates.iter().enumerate() {
            if let Some(is) = self.value(gate, &state.ways, &state.must) {
                changed |= settle(&mut state.must, Node(at), is)?;
            }
        }
        Ok(changed)
    }

    /// What a gate is, by its variables and by what is known of its parts.
    fn value(&self, gate: &Gate, ways: &[Ways], parts: &[Option<bool>]) -> Option<bool> {
        match gate {
            Gate::Const(holds) => Some(*holds),
            Gate::Is(var, wanted) => is_among(ways[var.0], *wanted),
            Gate::All(of) => {
                if of.iter().any(|part| parts[part.0] == Some(false)) {
                    return Some(false);
                }
                of.iter().all(|part| parts[part.0] == Some(true)).then_some(true)
            }
            Gate::Not(part) => parts[part.0].map(|holds| !holds),
            Gate::Rule(rule, left_out, part) => match (self.is_left_out)(*rule) {
                true => is_among(ways[left_out.0], YES),
                false => parts[part.0],
            },
            Gate::Sum { count, of } => {
                let (least, most) = bounds(of, ways);
                let reachable = ways[count.0] & between(least, most);
                match reachable {
                    0 => Some(false),
                    _ if least == most && reachable == ways[count.0] => {
                        (reachable.count_ones() == 1).then_some(true)
                    }
                    _ => None,
                }
            }
        }
    }

    fn downwards(&self, state: &mut State) -> Result<bool, Conflict> {
        let mut changed = false;
        for (at, gate) in self.problem.gates.iter().enumerate().rev() {
            let Some(must) = state.must[at] else { continue };
            changed |= match gate {
                Gate::Const(_) => false,
                Gate::Is(var, ways) => narrow(state, *var, *ways, must)?,
                Gate::All(of) => all_must(state, of, must)?,
                Gate::Not(part) => settle(&mut state.must, *part, !must)?,
                Gate::Rule(rule, left_out, part) => match (self.is_left_out)(*rule) {
                    true => narrow(state, *left_out, YES, must)?,
                    false => settle(&mut state.must, *part, must)?,
                },
                // Only ever a root: it must hold.
                Gate::Sum { count, of } => sum_must(state, *count, of)?,
            };
        }
        Ok(changed)
    }

    /// A variable to try next, and the ways to try first; none where all roots hold already,
    /// whatever the variables left are.
    fn split(&self, state: &State) -> Option<(Var, Ways)> {
        let gates = &self.problem.gates;
        let mut is: Vec<Option<bool>> = Vec::with_capacity(gates.len());
        for gate in gates {
            is.push(self.value(gate, &state.ways, &is));
        }
        let mut want: Vec<Option<bool>> = vec![None; gates.len()];
        for root in self.problem.roots.iter().filter(|root| is[root.0].is_none()) {
            want[root.0] = Some(true);
        }
        let mut best: Option<(u32, Var, Ways)> = None;
        for (at, gate) in gates.iter().enumerate().rev() {
            let Some(wanted) = want[at].map(|want| state.must[at].unwrap_or(want)) else {
                continue;
            };
            let choice = match gate {
                Gate::Is(var, ways) => Some((*var, if wanted { *ways } else { !*ways })),
                Gate::Rule(rule, left_out, _) if (self.is_left_out)(*rule) => {
                    Some((*left_out, if wanted { YES } else { !YES }))
                }
                Gate::Sum { count, of } => sum_choice(*count, of, &state.ways),
                Gate::All(of) if !wanted => {
                    // One of them fails: the one that must, or else the first that can.
                    let open = of.iter().filter(|part| is[part.0].is_none());
                    let open = open.filter(|part| state.must[part.0] != Some(true));
                    if let Some(part) = open.min_by_key(|part| state.must[part.0].is_none()) {
                        want[part.0].get_or_insert(false);
                    }
                    None
                }
                gate => {
                    let wanted = if matches!(gate, Gate::Not(_)) { !wanted } else { wanted };
                    for part in gate.parts().iter().filter(|part| is[part.0].is_none()) {
                        want[part.0].get_or_insert(wanted);
                    }
                    None
                }
            };
            if let Some((var, ways)) = choice {
                let left = state.ways[var.0].count_ones();
                if best.is_none_or(|(fewest, _, _)| left < fewest) {
                    best = Some((left, var, ways));
                }
            }
        }
        best.map(|(_, var, ways)| (var, ways))
    }
}

/// The nodes that `roots` stand on, parts first.
fn cone(
    circuit: &Circuit,
    roots: &mut Vec<Node>,
    also: &mut dyn FnMut(Var) -> Vec<Node>,
) -> Vec<Node> {
    let mut seen: HashSet<Node> = HashSet::new();
    let mut vars: HashSet<Var> = HashSet::new();
    let mut open = roots.clone();
    while let Some(node) = open.pop() {
        if !seen.insert(node) {
            continue;
        }
        let gate = &circuit.gates[node.0];
        open.extend(gate.parts());
        for var in gate.variables() {
            if vars.insert(var) {
                let more = also(var);
                open.extend(&more);
                roots.extend(more);
            }
        }
    }
    let mut cone: Vec<Node> = seen.into_iter().collect();
    cone.sort_unstable();
    cone
}

/// Whether a variable with these ways left is one of the wanted.
fn is_among(left: Ways, wanted: Ways) -> Option<bool> {
    match left & wanted {
        0 => Some(false),
        both if both == left => Some(true),
        _ => None,
    }
}

fn settle(must: &mut [Option<bool>], node: Node, is: bool) -> Result<bool, Conflict> {
    match must[node.0] {
        Some(known) if known != is => Err(Conflict),
        Some(_) => Ok(false),
        None => {
            must[node.0] = Some(is);
            Ok(true)
        }
    }
}

fn narrow(state: &mut State, var: Var, ways: Ways, must: bool) -> Result<bool, Conflict> {
    let before = state.ways[var.0];
    let left = before & if must { ways } else { !ways };
    state.ways[var.0] = left;
    if left == 0 { Err(Conflict) } else { Ok(left != before) }
}

fn all_must(state: &mut State, of: &[Node], must: bool) -> Result<bool, Conflict> {
    let mut changed = false;
    if must {
        for part in of {
            changed |= settle(&mut state.must, *part, true)?;
        }
        return Ok(changed);
    }
    if of.iter().any(|part| state.must[part.0] == Some(false)) {
        return Ok(false);
    }
    let mut open = of.iter().filter(|part| state.must[part.0].is_none());
    match (open.next(), open.next()) {
        (Some(last), None) => settle(&mut state.must, *last, false),
        (None, _) => Err(Conflict),
        _ => Ok(false),
    }
}

/// The fewest and the most that can be true.
fn bounds(of: &[Var], ways: &[Ways]) -> (usize, usize) {
    let least = of.iter().filter(|var| ways[var.0] == YES).count();
    let most = of.iter().filter(|var| ways[var.0] & YES != 0).count();
    (least, most)
}

fn between(least: usize, most: usize) -> Ways {
    (Ways::MAX >> (127 - most.min(127))) & !((1 << least) - 1)
}

fn sum_must(state: &mut State, count: Var, of: &[Var]) -> Result<bool, Conflict> {
    let (least, most) = bounds(of, &state.ways);
    let mut changed = narrow(state, count, between(least, most), true)?;
    let left = state.ways[count.0];
    let (fewest, highest) = (left.trailing_zeros() as usize, 127 - left.leading_zeros() as usize);
    // None of the open ones, or all of them.
    let fixed = match () {
        () if highest == least => Some(!YES),
        () if fewest == most => Some(YES),
        () => None,
    };
    if let Some(fixed) = fixed {
        for var in of {
            if state.ways[var.0].count_ones() > 1 {
                changed |= narrow(state, *var, fixed, true)?;
            }
        }
    }
    Ok(changed)
}

/// The smallest count that is left, then the first open one as true.
fn sum_choice(count: Var, of: &[Var], ways: &[Ways]) -> Option<(Var, Ways)> {
    let left = ways[count.0];
    if left.count_ones() > 1 {
        return Some((count, 1 << left.trailing_zeros()));
    }
    of.iter().find(|var| ways[var.0].count_ones() > 1).map(|var| (*var, YES))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn solve(circuit: &Circuit, roots: &[Node], left_out: &[Rule]) -> Verdict {
        let problem = Problem::new(circuit, roots.to_vec(), &mut |_| Vec::new());
        problem.solve(&|rule| left_out.contains(&rule), &mut Budget { left: 1_000_000 })
    }

    #[test]
    fn what_excludes_each_other_is_impossible_until_a_line_is_left_out() {
        let mut circuit = Circuit::default();
        let var = circuit.variable(3);
        let first = circuit.is(var, 0b001);
        let second = circuit.is(var, 0b110);
        let (line, first) = circuit.rule(first);
        assert_eq!(solve(&circuit, &[first, second], &[]), Verdict::Impossible);
        assert_eq!(solve(&circuit, &[first, second], &[line]), Verdict::Possible);
        assert_eq!(solve(&circuit, &[second], &[]), Verdict::Possible);
    }

    #[test]
    fn counts_agree_with_what_is_ticked() {
        let mut circuit = Circuit::default();
        let count = circuit.variable(5);
        let ticked: Vec<Var> = (0..4).map(|_| circuit.variable(2)).collect();
        let sum = circuit.sum(count, ticked.clone());
        let three = circuit.is(count, 0b01000);
        let [a, b] = [0, 1].map(|at| circuit.is(ticked[at], YES));
        let (not_a, not_b) = (circuit.not(a), circuit.not(b));
        assert_eq!(solve(&circuit, &[sum, three, not_a], &[]), Verdict::Possible);
        assert_eq!(solve(&circuit, &[sum, three, not_a, not_b], &[]), Verdict::Impossible);
    }

    #[test]
    fn more_letters_than_boxes_end_with_the_budget() {
        let (letters, boxes) = (11, 10);
        let mut circuit = Circuit::default();
        let vars: Vec<Var> = (0..letters).map(|_| circuit.variable(boxes)).collect();
        let mut roots = Vec::new();
        for (at, one) in vars.iter().enumerate() {
            for other in &vars[..at] {
                for way in 0..boxes {
                    let both = [*one, *other].map(|var| circuit.is(var, 1 << way));
                    let both = circuit.all(both);
                    roots.push(circuit.not(both));
                }
            }
        }
        assert_eq!(solve(&circuit, &roots, &[]), Verdict::Unknown);
    }
}
