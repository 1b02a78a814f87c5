//! A table with given column sums, and bounds on its cells and row sums: one that fits, by maximum flow.
//!
//! Lower bounds are taken off first and have to be filled (Ford and Fulkerson 1962). The auditor's own: the
//! protector moves people along paths and never builds a table from nothing.

use std::collections::VecDeque;

/// Bounds of a table; cells row by row.
#[derive(Debug, Clone)]
pub struct Bounds {
    pub rows: usize,
    /// Sums that are exact.
    pub columns: Vec<u32>,
    pub cells: Vec<(u32, u32)>,
    pub totals: Vec<(u32, u32)>,
}

impl Bounds {
    pub fn cell(&self, row: usize, column: usize) -> usize {
        row * self.columns.len() + column
    }

    /// The rows' totals of a table's cells.
    pub fn sums(&self, cells: &[u32]) -> Vec<u32> {
        cells.chunks(self.columns.len()).map(|row| row.iter().sum()).collect()
    }

    /// Whether the columns add up.
    pub fn are_columns(&self, cells: &[u32]) -> bool {
        let width = self.columns.len();
        let sum = |column: usize| cells.iter().skip(column).step_by(width).sum::<u32>();
        self.columns.iter().enumerate().all(|(column, wanted)| sum(column) == *wanted)
    }

    /// A table within the bounds, if there is one.
    pub fn fill(&self) -> Option<Vec<u32>> {
        let bad = |&(low, high): &(u32, u32)| low > high;
        if self.cells.iter().any(bad) || self.totals.iter().any(bad) {
            return None;
        }
        let (width, rows) = (self.columns.len(), self.rows);
        // Nodes: columns, rows, start, end, and a second pair that forces lower bounds.
        let (start, end) = (width + rows, width + rows + 1);
        let (source, sink) = (end + 1, end + 2);
        let mut net = Net::new(sink + 1);
        for (column, &sum) in self.columns.iter().enumerate() {
            net.between(start, column, sum, sum, source, sink);
        }
        let cells = net.edges.len();
        for row in 0..rows {
            for column in 0..width {
                let (low, high) = self.cells[self.cell(row, column)];
                net.between(column, width + row, low, high, source, sink);
            }
            let (low, high) = self.totals[row];
            net.between(width + row, end, low, high, source, sink);
        }
        net.add(end, start, u32::MAX / 4);
        net.is_full(source, sink).then(|| self.read(&net, cells))
    }

    fn read(&self, net: &Net, first: usize) -> Vec<u32> {
        let (width, mut edge) = (self.columns.len(), first);
        let mut table = Vec::with_capacity(self.cells.len());
        for row in 0..self.rows {
            for column in 0..width {
                table.push(self.cells[self.cell(row, column)].0 + net.edges[edge + 1].room);
                edge += 2;
            }
            edge += 2;
        }
        table
    }
}

struct Edge {
    to: usize,
    room: u32,
}

/// Edges come in pairs: one, and its way back.
struct Net {
    edges: Vec<Edge>,
    from: Vec<Vec<usize>>,
    /// What has to come out of, and go into, each node for the lower bounds.
    owed: Vec<i64>,
}

impl Net {
    fn new(nodes: usize) -> Net {
        Net { edges: Vec::new(), from: vec![Vec::new(); nodes], owed: vec![0; nodes] }
    }

    fn add(&mut self, from: usize, to: usize, room: u32) {
        self.from[from].push(self.edges.len());
        self.edges.push(Edge { to, room });
        self.from[to].push(self.edges.len());
        self.edges.push(Edge { to: from, room: 0 });
    }

    fn between(&mut self, from: usize, to: usize, low: u32, high: u32, _: usize, _: usize) {
        self.owed[to] += i64::from(low);
        self.owed[from] -= i64::from(low);
        self.add(from, to, high - low);
    }

    /// Whether all that is owed can flow.
    fn is_full(&mut self, source: usize, sink: usize) -> bool {
        let mut wanted = 0;
        for node in 0..source {
            let owed = self.owed[node];
            let size = u32::try_from(owed.unsigned_abs()).unwrap_or(u32::MAX);
            if owed > 0 {
                self.add(source, node, size);
                wanted += u64::from(size);
            } else if owed < 0 {
                self.add(node, sink, size);
            }
        }
        let mut flowed = 0;
        while let Some(size) = self.push(source, sink) {
            flowed += u64::from(size);
        }
        flowed == wanted
    }

    /// Sends what fits along a shortest path.
    fn push(&mut self, source: usize, sink: usize) -> Option<u32> {
        let mut by = vec![usize::MAX; self.from.len()];
        let mut open = VecDeque::from([source]);
        while let Some(node) = open.pop_front() {
            if node == sink {
                break;
            }
            for &edge in &self.from[node] {
                let Edge { to, room } = self.edges[edge];
                if room > 0 && to != source && by[to] == usize::MAX {
                    by[to] = edge;
                    open.push_back(to);
                }
            }
        }
        if by[sink] == usize::MAX {
            return None;
        }
        let mut path = Vec::new();
        let mut node = sink;
        while node != source {
            path.push(by[node]);
            node = self.edges[by[node] ^ 1].to;
        }
        let size = path.iter().map(|&edge| self.edges[edge].room).min()?;
        for edge in path {
            self.edges[edge].room -= size;
            self.edges[edge ^ 1].room += size;
        }
        Some(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_a_table_within_its_bounds_or_says_that_there_is_none() {
        let mut seeded = fastrand::Rng::with_seed(3);
        for _ in 0..500 {
            let truth: Vec<u32> = (0..12).map(|_| seeded.u32(0..9)).collect();
            let around = |value: u32, by: u32| (value.saturating_sub(by), value + by);
            let bounds = Bounds {
                rows: 3,
                columns: (0..4)
                    .map(|column| (0..3).map(|row| truth[row * 4 + column]).sum())
                    .collect(),
                cells: truth.iter().map(|&cell| around(cell, seeded.u32(0..3))).collect(),
                totals: truth
                    .chunks(4)
                    .map(|row| around(row.iter().sum(), seeded.u32(0..2)))
                    .collect(),
            };
            let found = bounds.fill().expect("the true table fits");
            for (row, (low, high)) in found.chunks(4).zip(&bounds.totals) {
                assert!((*low..=*high).contains(&row.iter().sum::<u32>()));
            }
            for (column, sum) in bounds.columns.iter().enumerate() {
                assert_eq!((0..3).map(|row| found[row * 4 + column]).sum::<u32>(), *sum);
            }
            assert!(
                found
                    .iter()
                    .zip(&bounds.cells)
                    .all(|(cell, (low, high))| cell >= low && cell <= high)
            );
            let mut tight = bounds.clone();
            tight.columns[0] += 200;
            assert_eq!(tight.fill(), None);
        }
    }
}
