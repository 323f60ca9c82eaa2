//! Which pairs of blocks there are, and in which order: a join cut into tasks.
//!
//! A set is cut into blocks, contiguous in the order of names. Of a set with itself each pair of blocks is one task, which
//! serves both; of two sets each block of keys meets each of the others. What is alike often has names that are alike: with
//! kNN the blocks near each other come first, and the distance doubles from wave to wave. What has been
//! found by the time that a task begins tells it how good a hit must be, so that few are computed and written in vain.

/// Blocks of a task: keys, and what they are joined with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPair {
    pub keys: usize,
    pub rows: usize,
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
}

impl Waves {
    /// `keys` blocks, joined with as many as `rows` says, or with themselves. With kNN (`nearest`) in waves, and both ways.
    pub fn new(keys: usize, rows: Option<usize>, nearest: bool) -> Waves {
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
        Waves { waves, both_ways: nearest && rows.is_none() }
    }

    pub fn tasks(&self) -> usize {
        self.waves.iter().map(Vec::len).sum()
    }

    /// The numbers of the tasks, wave by wave.
    pub fn numbers(&self) -> Vec<Vec<usize>> {
        let mut numbers = 0..;
        self.waves.iter().map(|wave| numbers.by_ref().take(wave.len()).collect()).collect()
    }

    pub fn pair(&self, task: usize) -> Option<BlockPair> {
        self.pairs().nth(task)
    }

    /// Whether the part of a task has a second section: hits of the second block's keys.
    pub fn is_both_ways(&self, pair: BlockPair) -> bool {
        self.both_ways && pair.keys != pair.rows
    }

    /// Who finds hits of the keys of a block.
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

    /// In the order of the tasks' numbers.
    pub fn pairs(&self) -> impl Iterator<Item = BlockPair> {
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
        let waves = Waves::new(8, None, true);
        assert_eq!((waves.tasks(), waves.numbers().iter().map(Vec::len).collect::<Vec<_>>()), (36, vec![8, 7, 11, 10]));
        assert_eq!(waves.pair(8), Some(BlockPair { keys: 0, rows: 1 }));
        assert_eq!(waves.pair(36), None);
        // Each block's keys meet all eight blocks.
        for block in 0..8 {
            let met: Vec<usize> = (waves.contributions(block).iter())
                .map(|c| {
                    let pair = waves.pair(c.task).unwrap();
                    assert_eq!([pair.keys, pair.rows][c.section], block);
                    [pair.rows, pair.keys][c.section]
                })
                .collect();
            let mut sorted = met.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..8).collect::<Vec<_>>());
            assert_eq!(met[0], block);
        }
        let two = Waves::new(3, Some(2), true);
        assert_eq!((two.tasks(), two.contributions(2).len(), two.is_both_ways(two.pair(0).unwrap())), (6, 2, false));
        let range = Waves::new(3, None, false);
        assert_eq!((range.numbers(), range.contributions(2).len()), (vec![vec![0, 1, 2, 3, 4, 5]], 1));
    }
}
