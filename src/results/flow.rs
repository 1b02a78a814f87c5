//! A table with known column sums as a transportation network: moving people from one cell to another
//! while every published figure stays what it is.
//!
//! A path alternates between rows and columns. From a column to a row it takes one person out of their
//! cell, from a row to a column it puts one in; through the slack a row's total changes. All bounds are
//! whole numbers, so shortest augmenting paths reach the exact integer bounds of a cell (Ford and
//! Fulkerson 1962; for tables: Cox 1995).

/// What is known of a table's cells and totals. Cells are numbered row by row.
#[derive(Debug, Clone)]
pub struct Limits {
    pub rows: usize,
    pub columns: usize,
    /// By column: no hidden cell has more.
    pub people: Vec<i32>,
    pub low: Vec<i32>,
    pub high: Vec<i32>,
    pub total_low: Vec<i32>,
    pub total_high: Vec<i32>,
}

impl Limits {
    fn holds(&self, cell: usize, count: i32) -> bool {
        (self.low[cell]..=self.high[cell]).contains(&count)
    }

    /// Whether the cell can have this count at all, once it is hidden. Where everybody gives several choices a
    /// column has more of them than people.
    fn may_hide(&self, cell: usize, count: i32) -> bool {
        count <= self.people[cell % self.columns]
    }
}

/// A table that may be the true one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    pub cells: Vec<i32>,
    pub totals: Vec<i32>,
}

impl Guess {
    pub fn of(cells: Vec<i32>, rows: usize) -> Guess {
        let columns = cells.len() / rows.max(1);
        let totals = cells.chunks(columns.max(1)).map(|row| row.iter().sum()).collect();
        Guess { cells, totals }
    }
}

/// What it costs to move a cell beyond what is published of it: it has to be hidden then.
pub trait Price {
    /// None: it cannot be hidden.
    fn of(&self, cell: usize) -> Option<u32>;
}

/// Nothing more is hidden.
pub struct Nothing;

impl Price for Nothing {
    fn of(&self, _: usize) -> Option<u32> {
        None
    }
}

impl<F: Fn(usize) -> Option<u32>> Price for F {
    fn of(&self, cell: usize) -> Option<u32> {
        self(cell)
    }
}

/// Whether rows' totals may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Totals {
    Fixed,
    Free,
}

const FAR: u32 = u32::MAX;

/// A search for one augmenting path.
struct Search<'a, P> {
    limits: &'a Limits,
    guess: &'a Guess,
    totals: Totals,
    /// The cell whose own change closes the path.
    closing: Option<usize>,
    price: &'a P,
}

impl<P: Price> Search<'_, P> {
    fn nodes(&self) -> usize {
        self.limits.rows + self.limits.columns + 1
    }

    /// The price of a step between two nodes: rows, then columns, then the slack.
    fn step(&self, from: usize, to: usize) -> Option<u32> {
        let (rows, slack) = (self.limits.rows, self.nodes() - 1);
        if from == slack || to == slack {
            let is_free = self.totals == Totals::Free;
            return match (from == slack, to == slack) {
                (true, false) if to < rows => is_free
                    .then_some(1)
                    .filter(|_| self.guess.totals[to] < self.limits.total_high[to]),
                (false, true) if from < rows => is_free
                    .then_some(1)
                    .filter(|_| self.guess.totals[from] > self.limits.total_low[from]),
                _ => None,
            };
        }
        let (row, column, delta) = match (from < rows, to < rows) {
            (true, false) => (from, to - rows, 1),
            (false, true) => (to, from - rows, -1),
            _ => return None,
        };
        let cell = row * self.limits.columns + column;
        if self.closing == Some(cell) {
            return None;
        }
        let now = self.guess.cells[cell] + delta;
        if now < 0 {
            return None;
        }
        if self.limits.holds(cell, now) {
            return Some(1);
        }
        self.price.of(cell).filter(|_| self.limits.may_hide(cell, now))
    }

    /// The cheapest path, as its nodes from the first to the last (Dijkstra; the networks are small).
    fn path(&self, from: usize, is_end: impl Fn(usize) -> bool) -> Option<Vec<usize>> {
        let nodes = self.nodes();
        let mut distance = vec![FAR; nodes];
        let mut before = vec![usize::MAX; nodes];
        let mut is_settled = vec![false; nodes];
        distance[from] = 0;
        loop {
            let open = (0..nodes).filter(|&node| !is_settled[node] && distance[node] < FAR);
            let node = open.min_by_key(|&node| distance[node])?;
            if node != from && is_end(node) {
                return Some(trace(&before, from, node));
            }
            is_settled[node] = true;
            for next in 0..nodes {
                let Some(price) = (!is_settled[next]).then(|| self.step(node, next)).flatten()
                else {
                    continue;
                };
                if distance[node] + price < distance[next] {
                    distance[next] = distance[node] + price;
                    before[next] = node;
                }
            }
        }
    }
}

fn trace(before: &[usize], from: usize, to: usize) -> Vec<usize> {
    let mut path = vec![to];
    while *path.last().expect("it has the end") != from {
        path.push(before[*path.last().expect("it has the end")]);
    }
    path.reverse();
    path
}

/// A guess that is being moved, with the cells that have to be hidden for it.
pub struct Move<'a, P> {
    pub limits: &'a mut Limits,
    pub guess: &'a mut Guess,
    pub price: &'a P,
    pub hidden: &'a mut Vec<usize>,
}

impl<P: Price> Move<'_, P> {
    /// Moves `cell` by one person, up or down, if something else can give way.
    pub fn shift(&mut self, cell: usize, up: bool, totals: Totals) -> bool {
        let (row, column) = (cell / self.limits.columns, cell % self.limits.columns);
        let column = self.limits.rows + column;
        let (from, to) = if up { (column, row) } else { (row, column) };
        let delta = if up { 1 } else { -1 };
        let now = self.guess.cells[cell] + delta;
        let may_be = || self.price.of(cell).is_some() && self.limits.may_hide(cell, now);
        if now < 0 || !self.limits.holds(cell, now) && !may_be() {
            return false;
        }
        let search = Search {
            limits: self.limits,
            guess: self.guess,
            totals,
            closing: Some(cell),
            price: self.price,
        };
        let Some(path) = search.path(from, |node| node == to) else { return false };
        self.walk(&path);
        self.put(cell, delta);
        true
    }

    /// Moves people between cells until the rows have these totals.
    pub fn settle(&mut self, wanted: &[i32]) -> bool {
        while let Some(row) =
            (0..self.limits.rows).find(|&row| self.guess.totals[row] < wanted[row])
        {
            let search = Search {
                limits: self.limits,
                guess: self.guess,
                totals: Totals::Fixed,
                closing: None,
                price: self.price,
            };
            let rows = self.limits.rows;
            let totals = &self.guess.totals;
            let gives = |node: usize| node < rows && totals[node] > wanted[node];
            let Some(path) = search.path(row, gives) else { return false };
            self.walk(&path);
        }
        self.guess.totals == wanted
    }

    fn walk(&mut self, path: &[usize]) {
        let (rows, columns) = (self.limits.rows, self.limits.columns);
        for step in path.windows(2) {
            let (from, to) = (step[0], step[1]);
            if from == rows + columns || to == rows + columns {
                continue;
            }
            if from < rows {
                self.put(from * columns + to - rows, 1);
            } else {
                self.put(to * columns + from - rows, -1);
            }
        }
    }

    fn put(&mut self, cell: usize, delta: i32) {
        self.guess.cells[cell] += delta;
        self.guess.totals[cell / self.limits.columns] += delta;
        if !self.limits.holds(cell, self.guess.cells[cell]) {
            self.hidden.push(cell);
            self.limits.low[cell] = 0;
            self.limits.high[cell] = self.limits.people[cell % self.limits.columns];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(rows: usize, columns: usize, bounds: &[(i32, i32)]) -> Limits {
        Limits {
            rows,
            columns,
            people: vec![i32::MAX; columns],
            low: bounds.iter().map(|bound| bound.0).collect(),
            high: bounds.iter().map(|bound| bound.1).collect(),
            total_low: vec![0; rows],
            total_high: vec![1_000; rows],
        }
    }

    fn reach(mut limits: Limits, mut guess: Guess, cell: usize, up: bool, totals: Totals) -> i32 {
        let mut hidden = Vec::new();
        let mut moving =
            Move { limits: &mut limits, guess: &mut guess, price: &Nothing, hidden: &mut hidden };
        while moving.shift(cell, up, totals) {}
        guess.cells[cell]
    }

    /// Every table of two rows and three columns with these sums, tried one by one.
    #[test]
    fn paths_reach_the_bounds_that_counting_all_tables_gives() {
        let mut seeded = fastrand::Rng::with_seed(11);
        for _ in 0..300 {
            let truth: Vec<i32> = (0..9).map(|_| seeded.i32(0..4)).collect();
            let bounds: Vec<(i32, i32)> = truth
                .iter()
                .map(|&cell| ((cell - seeded.i32(0..3)).max(0), cell + seeded.i32(0..3)))
                .collect();
            let guess = Guess::of(truth.clone(), 3);
            let sum = |table: &[i32], column: usize| {
                (0..3).map(|row| table[row * 3 + column]).sum::<i32>()
            };
            let mut extremes = (i32::MAX, i32::MIN);
            let mut table = vec![0; 9];
            every(&mut table, 0, &bounds, &mut |table| {
                let fits = (0..3).all(|column| sum(table, column) == sum(&truth, column))
                    && Guess::of(table.to_vec(), 3).totals == guess.totals;
                if fits {
                    extremes = (extremes.0.min(table[4]), extremes.1.max(table[4]));
                }
            });
            let low = reach(limits(3, 3, &bounds), guess.clone(), 4, false, Totals::Fixed);
            let high = reach(limits(3, 3, &bounds), guess, 4, true, Totals::Fixed);
            assert_eq!((low, high), extremes, "{truth:?} within {bounds:?}");
        }
    }

    fn every(table: &mut Vec<i32>, at: usize, bounds: &[(i32, i32)], see: &mut impl FnMut(&[i32])) {
        if at == table.len() {
            return see(table);
        }
        for value in bounds[at].0..=bounds[at].1 {
            table[at] = value;
            every(table, at + 1, bounds, see);
        }
    }

    #[test]
    fn a_row_that_is_alone_moves_only_where_its_total_may() {
        let bounds = [(0, 10), (0, 10)];
        let guess = Guess::of(vec![2, 8], 2);
        assert_eq!(reach(limits(2, 1, &bounds), guess.clone(), 0, true, Totals::Fixed), 2);
        assert_eq!(reach(limits(2, 1, &bounds), guess, 0, true, Totals::Free), 10);
    }

    #[test]
    fn what_is_beyond_its_figure_costs_a_hidden_cell() {
        let mut limits = limits(2, 2, &[(0, 9), (4, 4), (3, 3), (7, 7)]);
        let mut guess = Guess::of(vec![2, 4, 3, 7], 2);
        let mut hidden = Vec::new();
        let price = |cell: usize| Some(1_000 + cell as u32);
        let mut moving =
            Move { limits: &mut limits, guess: &mut guess, price: &price, hidden: &mut hidden };
        assert!(moving.shift(0, true, Totals::Fixed));
        hidden.sort_unstable();
        assert_eq!((guess.cells, hidden), (vec![3, 3, 2, 8], vec![1, 2, 3]));
    }

    #[test]
    fn a_hidden_cell_has_no_more_than_its_people_though_they_give_several_choices() {
        // Three people who give two choices each.
        let mut limits = limits(2, 2, &[(2, 2), (0, 9), (0, 9), (0, 9)]);
        limits.people = vec![3, 3];
        let mut guess = Guess::of(vec![2, 3, 4, 3], 2);
        let mut hidden = Vec::new();
        let price = |_: usize| Some(1_000);
        let mut moving =
            Move { limits: &mut limits, guess: &mut guess, price: &price, hidden: &mut hidden };
        assert!(moving.shift(0, true, Totals::Free));
        assert!(!moving.shift(0, true, Totals::Free), "a fourth of three people");
        assert_eq!((guess.cells[0], hidden), (3, vec![0]));
    }
}
