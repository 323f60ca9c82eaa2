//! Which pairs of blocks there are, and in which order: a join cut into tasks.
//!
//! A set is cut into blocks, contiguous in the order of names. Of a set with itself each pair of blocks is one task, which
//! serves both; of two sets each block of keys meets each of the others. What is alike often has names that are alike: with
//! kNN the blocks near each other come first, and the distance doubles from wave to wave. What has been
//! found by the time that a task begins tells it how good a hit must be, so that few are written in vain. Where several blocks
//! meet the same keys, bounds are enough for that: a last wave has a task for each block of keys, which computes the values of
//! what is left.

/// Blocks of a task: keys, and what they are joined with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPair {
    pub keys: usize,
    pub rows: usize,
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Joins two blocks.
    Pair(BlockPair),
    /// Computes the values of what the pairs have left of a block's keys.
    Values(usize),
}

/// A task, and which section of its part has hits of a block's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contribution {
    pub task: usize,
    pub section: usize,
}

/// All tasks of a join, in the order of their numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Waves {
    waves: Vec<Vec<BlockPair>>,
    /// Whether a part has hits of both blocks, those of the second one in a second section.
    both_ways: bool,
    /// Blocks whose values a last wave computes.
    values: usize,
}

impl Waves {
    /// `keys` blocks, joined with as many as `rows` says, or with themselves. With kNN (`nearest`) in waves, and both ways;
    /// if pairs have bounds first (`bounds_first`) and keys meet several blocks, values come last.
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

    /// In the order of the tasks' numbers.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        self.pairs().map(Step::Pair).chain((0..self.values).map(Step::Values))
    }

    /// Whether pairs tell bounds, and a last wave values.
    pub fn values_come_last(&self) -> bool {
        self.values > 0
    }

    /// Whether the part of a task has a second section: hits of the second block's keys.
    pub fn is_both_ways(&self, pair: BlockPair) -> bool {
        self.both_ways && pair.keys != pair.rows
    }

    /// Who has the results of a block's keys; of those of several the best are the results.
    pub fn results(&self, block: usize) -> Vec<Contribution> {
        match self.values_come_last() {
            true => vec![Contribution { task: self.pairs().count() + block, section: 0 }],
            false => self.contributions(block),
        }
    }

    /// Which pairs find hits of the keys of a block.
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

/// 0, 1, 2-3, 4-7 … blocks apart; of two sets beginning where names are likely to be alike.
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
        // With bounds first each block has a task more; if keys meet one block only, its values are the results.
        let last = Waves::new(8, None, true, true);
        assert_eq!((sizes(&last), last.steps().nth(38)), (vec![8, 7, 11, 10, 8], Some(Step::Values(2))));
        assert_eq!(last.results(2), [Contribution { task: 38, section: 0 }]);
        assert_eq!(Waves::new(1, None, true, true), Waves::new(1, None, true, false));
        assert_eq!(Waves::new(3, Some(1), true, true), Waves::new(3, Some(1), true, false));
    }
}
