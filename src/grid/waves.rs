//! Cuts a join into tasks: pairs of blocks, and their order.
//!
//! A set is cut into blocks, contiguous in the order of names. In a set joined with itself each pair of blocks is one
//! task, which serves both; with two sets each block of keys meets each block of the other set. Similar pictures often
//! have similar names. So with kNN, neighbouring blocks come first, and the distance doubles from wave to wave. The
//! results available when a task begins tell it how good a hit must be, so that it writes few in vain. Where several
//! blocks meet the same keys, bounds are enough for that: a last wave has a task for each block of keys, which computes
//! the values of the remaining candidates.

/// The blocks of a task: keys, and the rows they are joined with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPair {
    pub keys: usize,
    pub rows: usize,
}

/// The work of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskStep {
    /// Joins two blocks.
    Pair(BlockPair),
    /// Computes the values of the candidates that pairs left for a block's keys.
    Values(usize),
}

/// A task, and the section of its part with hits of a block's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    pub task: usize,
    pub section: usize,
}

/// All tasks of a join, in the order of their numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Waves {
    waves: Vec<Vec<BlockPair>>,
    /// Whether parts have hits for both blocks, those of the second block in a second section.
    both_ways: bool,
    /// The number of blocks whose values a last wave computes.
    values: usize,
}

impl Waves {
    /// Joins `keys` blocks with `rows` blocks, or with themselves. With kNN (`nearest`), pairs are in waves, and serve
    /// both blocks. If pairs give bounds first (`bounds_first`) and keys meet several blocks, values come in a last
    /// wave.
    pub fn new(keys: usize, rows: Option<usize>, nearest: bool, bounds_first: bool) -> Waves {
        let pairs = (0..keys).flat_map(|key| {
            let with = rows.map_or(key..keys, |rows| 0..rows);
            with.map(move |row| BlockPair { keys: key, rows: row })
        });
        let mut waves: Vec<Vec<BlockPair>> = Vec::new();
        for pair in pairs {
            let wave = if nearest { wave(pair, rows) } else { 0 };
            if waves.len() <= wave {
                waves.resize(wave + 1, Vec::new());
            }
            waves[wave].push(pair);
        }
        waves.retain(|wave| !wave.is_empty());
        let values = if nearest && bounds_first && rows.unwrap_or(keys) > 1 { keys } else { 0 };
        Waves { waves, both_ways: nearest && rows.is_none(), values }
    }

    /// The numbers of the tasks, wave by wave.
    pub fn numbers(&self) -> Vec<Vec<usize>> {
        let mut numbers = 0..;
        let sizes = self.waves.iter().map(Vec::len).chain(Some(self.values).filter(|values| *values > 0));
        sizes.map(|size| numbers.by_ref().take(size).collect()).collect()
    }

    /// The steps, in the order of the tasks' numbers.
    pub fn steps(&self) -> impl Iterator<Item = TaskStep> {
        self.pairs().map(TaskStep::Pair).chain((0..self.values).map(TaskStep::Values))
    }

    /// Whether pairs give bounds, and a last wave the values.
    pub fn values_come_last(&self) -> bool {
        self.values > 0
    }

    /// Whether a pair's part has a second section, with hits of the second block's keys.
    pub fn is_both_ways(&self, pair: BlockPair) -> bool {
        self.both_ways && pair.keys != pair.rows
    }

    /// The sections with the results of a block's keys. If there are several, the best of all their hits are the
    /// results.
    pub fn results(&self, block: usize) -> Vec<Contribution> {
        match self.values_come_last() {
            true => vec![Contribution { task: self.pairs().count() + block, section: 0 }],
            false => self.contributions(block),
        }
    }

    /// The pairs that find hits for the keys of a block.
    pub fn contributions(&self, block: usize) -> Vec<Contribution> {
        let of = |(task, pair): (usize, BlockPair)| {
            if pair.keys == block {
                Some(Contribution { task, section: 0 })
            } else {
                (self.both_ways && pair.rows == block).then_some(Contribution { task, section: 1 })
            }
        };
        self.pairs().enumerate().filter_map(of).collect()
    }

    fn pairs(&self) -> impl Iterator<Item = BlockPair> {
        self.waves.iter().flatten().copied()
    }
}

/// The wave: for blocks 0, 1, 2-3, 4-7 … apart. In two sets, counted from where names are likely to be similar.
fn wave(pair: BlockPair, rows: Option<usize>) -> usize {
    let apart = match rows {
        None => pair.rows - pair.keys,
        Some(rows) => (pair.rows + rows - pair.keys % rows) % rows,
    };
    apart.checked_ilog2().map_or(0, |log| log as usize + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_is_one_task_and_what_is_near_comes_first() {
        let sizes = |waves: &Waves| waves.numbers().iter().map(Vec::len).collect::<Vec<_>>();
        let waves = Waves::new(8, None, true, false);
        assert_eq!((waves.steps().count(), sizes(&waves)), (36, vec![8, 7, 11, 10]));
        let pairs: Vec<_> = waves.pairs().collect();
        assert_eq!(pairs[8], BlockPair { keys: 0, rows: 1 });
        assert_eq!(waves.results(3), waves.contributions(3));
        // Each block's keys meet all eight blocks.
        for block in 0..8 {
            let met: Vec<usize> = (waves.contributions(block).iter())
                .map(|c| {
                    let pair = pairs[c.task];
                    assert_eq!([pair.keys, pair.rows][c.section], block);
                    [pair.rows, pair.keys][c.section]
                })
                .collect();
            let mut sorted = met.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..8).collect::<Vec<_>>());
            assert_eq!(met[0], block);
        }
        let two = Waves::new(3, Some(2), true, false);
        let first = two.pairs().next().unwrap();
        assert_eq!((two.steps().count(), two.contributions(2).len(), two.is_both_ways(first)), (6, 2, false));
        let range = Waves::new(3, None, false, true);
        assert_eq!((range.numbers(), range.contributions(2).len()), (vec![vec![0, 1, 2, 3, 4, 5]], 1));
        // With bounds first each block has one more task; if keys meet only one block, its values are the results.
        let last = Waves::new(8, None, true, true);
        assert_eq!((sizes(&last), last.steps().nth(38)), (vec![8, 7, 11, 10, 8], Some(TaskStep::Values(2))));
        assert_eq!(last.results(2), [Contribution { task: 38, section: 0 }]);
        assert_eq!(Waves::new(1, None, true, true), Waves::new(1, None, true, false));
        assert_eq!(Waves::new(3, Some(1), true, true), Waves::new(3, Some(1), true, false));
    }
}
