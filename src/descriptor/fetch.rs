//! Asks the system for descriptors of a large file before they are used for the first time. Otherwise each access to one
//! row reads what is around it too, on some machines megabytes.

use std::ops::Range;
use std::sync::Arc;

use super::regions::RegionSet;
use super::sparse::Descriptor;
use crate::mapped::Mapped;

/// Call before the sketches of these descriptors are used.
pub fn fetch_sketches(descriptors: &[&Descriptor]) {
    fetch(descriptors.iter().filter_map(|descriptor| descriptor.unused_sketch()));
}

/// Call before the entries of these descriptors are used, where those of their neighbours are not.
pub fn fetch_entries<'a>(descriptors: impl IntoIterator<Item = &'a Descriptor>) {
    fetch(descriptors.into_iter().filter_map(Descriptor::unused_entries));
}

/// The regions of these descriptors.
pub fn all_regions<'a>(descriptors: &[&'a Descriptor]) -> Vec<&'a RegionSet> {
    fetch(descriptors.iter().filter_map(|descriptor| descriptor.unused_regions()));
    descriptors.iter().map(|descriptor| descriptor.regions()).collect()
}

/// Neighbours are read together.
fn fetch<'a>(places: impl Iterator<Item = (&'a Arc<Mapped>, Range<usize>)>) {
    runs(places).into_iter().for_each(|(file, range)| file.fetch(range));
}

/// Joins places next to each other.
fn runs<'a>(places: impl Iterator<Item = (&'a Arc<Mapped>, Range<usize>)>) -> Vec<(&'a Arc<Mapped>, Range<usize>)> {
    let mut runs: Vec<(&Arc<Mapped>, Range<usize>)> = Vec::new();
    for (file, place) in places {
        match runs.last_mut() {
            Some((last, run)) if Arc::ptr_eq(last, file) && run.end == place.start => run.end = place.end,
            _ => runs.push((file, place)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_next_to_each_other_are_one() {
        let open = || {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), [1; 100]).unwrap();
            Arc::new(Mapped::open(file.path()).unwrap())
        };
        let (a, b) = (open(), open());
        let places = [(&a, 0..10), (&a, 10..30), (&a, 40..50), (&b, 50..60), (&b, 60..61), (&a, 61..70), (&a, 0..61)];
        let joined: Vec<_> =
            runs(places.into_iter()).into_iter().map(|(file, run)| (Arc::ptr_eq(file, &a), run)).collect();
        assert_eq!(joined, [(true, 0..30), (true, 40..50), (false, 50..61), (true, 61..70), (true, 0..61)]);
    }
}
