//! Loops on all threads of the current pool of rayon, for work that takes microseconds or more each time.
//!
//! A loop of rayon's own is compiled anew for each closure, and that is much code. These hand over a reference to the
//! closure, so that it is compiled once.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use rayon::prelude::*;

/// Calls `work` with each number below `count`. Not generic: this is what is compiled once.
fn each(count: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..count).into_par_iter().for_each(work);
}

/// What `make` returns for each number below `count`, in their order.
pub fn map<T: Send>(count: usize, make: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let mut made = Vec::new();
    made.resize_with(count, || Mutex::new(None));
    each(count, &|number| {
        let one = make(number);
        *made[number].lock() = Some(one);
    });
    made.into_iter().map(|one| one.into_inner().expect("each was called")).collect()
}

/// What `make` returns for each item, in their order.
pub fn map_each<'a, I: Sync, T: Send>(items: &'a [I], make: impl Fn(&'a I) -> T + Sync) -> Vec<T> {
    map(items.len(), |number| make(&items[number]))
}

/// What `make` returns for each part of `0..len`, of up to `size` numbers, one after the other.
pub fn in_parts<T: Send>(len: usize, size: usize, make: impl Fn(Range<usize>) -> Vec<T> + Sync) -> Vec<T> {
    let made = map(len.div_ceil(size), |part| make(part * size..len.min((part + 1) * size)));
    let mut all = Vec::with_capacity(made.iter().map(Vec::len).sum());
    made.into_iter().for_each(|part| all.extend(part));
    all
}

/// What `make` returns for each number below `count`, in their order, or an error. After an error no more are begun.
pub fn try_map<T: Send, E: Send>(count: usize, make: impl Fn(usize) -> Result<T, E> + Sync) -> Result<Vec<T>, E> {
    let failed = AtomicBool::new(false);
    let made = map(count, |number| {
        if failed.load(Ordering::Relaxed) {
            return None;
        }
        let one = make(number);
        failed.fetch_or(one.is_err(), Ordering::Relaxed);
        Some(one)
    });
    made.into_iter().flatten().collect()
}

/// The same for each item.
pub fn try_map_each<'a, I: Sync, T: Send, E: Send>(
    items: &'a [I],
    make: impl Fn(&'a I) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    try_map(items.len(), |number| make(&items[number]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_order() {
        assert_eq!(map(1000, |number| number * 2), (0..2000).step_by(2).collect::<Vec<_>>());
        assert_eq!(map_each(&["a", "bc"], |text| text.len()), [1, 2]);
        assert!(map(0, |_| ()).is_empty());
        assert_eq!(in_parts(10, 4, Iterator::collect), (0..10).collect::<Vec<_>>());
    }

    #[test]
    fn an_error_is_returned_and_ends_the_rest() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let begun = Mutex::new(Vec::new());
        let made = pool.install(|| {
            try_map(100, |number| {
                begun.lock().push(number);
                if number == 7 { Err(number) } else { Ok(number) }
            })
        });
        assert_eq!(made, Err(7));
        assert!(begun.lock().len() < 100);
        assert_eq!(try_map_each(&[1, 2], |number| Ok::<_, ()>(number * 2)), Ok(vec![2, 4]));
    }
}
