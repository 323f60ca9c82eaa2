//! Arguments that take one of several words.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

pub const ALL: &str = "all";

/// One thing, or all of them.
#[derive(Clone, Copy, Debug)]
pub enum Choice<T> {
    All,
    One(T),
}

impl<T: Clone> Choice<T> {
    /// The values chosen out of `all`.
    pub fn among(&self, all: &[T]) -> Vec<T> {
        match self {
            Choice::All => all.to_vec(),
            Choice::One(one) => vec![one.clone()],
        }
    }
}

/// Parses one of these words, or "all".
pub fn all_or_one<T: Copy + Send + Sync + 'static, const N: usize>(
    words: [(&'static str, T); N],
) -> impl TypedValueParser<Value = Choice<T>> {
    one_of(words.map(|(word, value)| (word, Choice::One(value))).into_iter().chain([(ALL, Choice::All)]))
}

/// Parses one of these words into the value it stands for.
pub fn one_of<T: Copy + Send + Sync + 'static>(
    words: impl IntoIterator<Item = (&'static str, T)>,
) -> impl TypedValueParser<Value = T> {
    let words: Vec<_> = words.into_iter().collect();
    PossibleValuesParser::new(words.iter().map(|(word, _)| PossibleValue::new(*word))).map(move |typed| {
        let found = words.iter().find(|(word, _)| *word == typed);
        found.expect("only these words are accepted").1
    })
}
