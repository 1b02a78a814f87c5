//! Which element of a translation belongs to which of the base: by id, else by position; and where
//! an id was written in two ways, by what is left.

use super::source::nearest;

/// What came of it, as positions in the two lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs {
    /// For each element of the base, the translation's.
    pub found: Vec<Option<usize>>,
    /// Pairs whose ids differ: the base's position, the translation's.
    pub misnamed: Vec<(usize, usize)>,
    /// Elements of the translation that belong to none of the base.
    pub extra: Vec<usize>,
}

/// Pairs the ids of a base with those of a translation, where elements may have none.
pub fn pair(base: &[&str], translation: &[Option<&str>]) -> Pairs {
    let mut pairing =
        Pairing { found: vec![None; base.len()], used: vec![false; translation.len()] };
    for (at, id) in base.iter().enumerate() {
        pairing.take(at, translation.iter().position(|other| *other == Some(id)));
    }
    for at in 0..base.len() {
        let unnamed = translation.get(at).is_some_and(Option::is_none);
        pairing.take(at, Some(at).filter(|_| unnamed));
    }
    let mut misnamed = Vec::new();
    for (at, id) in base.iter().enumerate().filter(|(_, id)| !id.is_empty()) {
        let left: Vec<(usize, &str)> = translation
            .iter()
            .enumerate()
            .filter_map(|(at, other)| Some((at, (*other)?)))
            .filter(|(at, _)| !pairing.used[*at])
            .collect();
        let near = nearest(id, left.iter().map(|(_, other)| *other));
        let here = left.iter().find(|(other, _)| *other == at).map(|(at, _)| *at);
        let named = left.iter().find(|(_, other)| Some(*other) == near).map(|(at, _)| *at);
        if pairing.take(at, named.or(here)) {
            misnamed.extend(pairing.found[at].map(|other| (at, other)));
        }
    }
    let extra = (0..translation.len()).filter(|at| !pairing.used[*at]).collect();
    Pairs { found: pairing.found, misnamed, extra }
}

struct Pairing {
    found: Vec<Option<usize>>,
    used: Vec<bool>,
}

impl Pairing {
    /// Pairs two that are both free; whether it did.
    fn take(&mut self, at: usize, other: Option<usize>) -> bool {
        let Some(other) = other.filter(|other| !self.used[*other] && self.found[at].is_none())
        else {
            return false;
        };
        (self.found[at], self.used[other]) = (Some(other), true);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_by_id_then_position_then_likeness() {
        let pairs = pair(&["a", "b"], &[Some("b"), Some("a")]);
        assert_eq!(pairs.found, [Some(1), Some(0)]);
        assert_eq!(pair(&["a", "b"], &[None, None]).found, [Some(0), Some(1)]);
        let pairs = pair(&["sand", "water"], &[Some("watr"), Some("sand")]);
        assert_eq!((pairs.found, pairs.misnamed), (vec![Some(1), Some(0)], vec![(1, 0)]));
        let pairs = pair(&["a"], &[Some("a"), Some("b")]);
        assert_eq!(pairs.extra, [1]);
        assert_eq!(pair(&["a", "b"], &[Some("a")]).found, [Some(0), None]);
    }
}
