//! Circles in who imports whom.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Rings that have all those of `edges` that are in a ring at all. Each is the shortest
/// through one of them, and has its smallest part first; the short ones come first.
pub fn rings<T: Ord + Copy>(edges: &BTreeSet<(T, T)>) -> Vec<Vec<T>> {
    let mut next: BTreeMap<T, Vec<T>> = BTreeMap::new();
    for (from, to) in edges {
        next.entry(*from).or_default().push(*to);
    }
    let mut found = BTreeSet::new();
    for (from, to) in edges {
        if let Some(mut ring) = shortest(&next, *to, *from) {
            let first = (0..ring.len()).min_by_key(|&at| ring[at]).unwrap_or(0);
            ring.rotate_left(first);
            found.insert((ring.len(), ring));
        }
    }
    found.into_iter().map(|(_, ring)| ring).collect()
}

/// From each to the next, and from the last to the first.
pub fn parts<T: Copy>(ring: &[T]) -> impl Iterator<Item = (T, T)> {
    let next = ring.iter().cycle().skip(1);
    ring.iter().copied().zip(next.copied())
}

/// The shortest way from `start` to `end`, both of them in it.
fn shortest<T: Ord + Copy>(next: &BTreeMap<T, Vec<T>>, start: T, end: T) -> Option<Vec<T>> {
    let mut before: BTreeMap<T, Option<T>> = BTreeMap::from([(start, None)]);
    let mut waiting = VecDeque::from([start]);
    while let Some(here) = waiting.pop_front() {
        if here == end {
            let mut way = vec![here];
            while let Some(&Some(earlier)) = way.last().and_then(|last| before.get(last)) {
                way.push(earlier);
            }
            way.reverse();
            return Some(way);
        }
        for &to in next.get(&here).into_iter().flatten() {
            before.entry(to).or_insert_with(|| {
                waiting.push_back(to);
                Some(here)
            });
        }
    }
    None
}
