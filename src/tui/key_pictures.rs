//! The keys of a search: results should be like some pictures and unlike others.

use super::set::KeyPicture;
use crate::text::{count, thousands};

/// At least one key for, and none twice.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyPictures {
    pub like: Vec<KeyPicture>,
    pub unlike: Vec<KeyPicture>,
}

impl From<KeyPicture> for KeyPictures {
    fn from(key: KeyPicture) -> KeyPictures {
        KeyPictures { like: vec![key], unlike: Vec::new() }
    }
}

impl KeyPictures {
    /// Only keys for; None if `keys` is empty.
    pub fn like(keys: impl IntoIterator<Item = KeyPicture>) -> Option<KeyPictures> {
        let mut keys = keys.into_iter();
        let first = KeyPictures::from(keys.next()?);
        Some(keys.fold(first, KeyPictures::and))
    }

    /// Adds a key for. If it was against, it changes sides.
    pub fn and(mut self, key: KeyPicture) -> KeyPictures {
        self.unlike.retain(|unlike| !unlike.is_same(&key));
        if !self.like.iter().any(|like| like.is_same(&key)) {
            self.like.push(key);
        }
        self
    }

    /// Adds a key against, unless it is the only key for.
    pub fn and_not(mut self, key: KeyPicture) -> KeyPictures {
        if self.like.iter().all(|like| like.is_same(&key)) {
            return self;
        }
        self.like.retain(|like| !like.is_same(&key));
        if !self.unlike.iter().any(|unlike| unlike.is_same(&key)) {
            self.unlike.push(key);
        }
        self
    }

    /// The first key for.
    pub fn first(&self) -> &KeyPicture {
        &self.like[0]
    }

    /// The keys for (true), then those against (false).
    pub fn all(&self) -> impl Iterator<Item = (&KeyPicture, bool)> {
        self.like.iter().map(|key| (key, true)).chain(self.unlike.iter().map(|key| (key, false)))
    }

    pub fn count(&self) -> usize {
        self.like.len() + self.unlike.len()
    }

    /// The key, if it is the only one.
    pub fn only(&self) -> Option<&KeyPicture> {
        if self.count() == 1 { self.like.first() } else { None }
    }

    /// Its name, or the number of keys: `3 for, 1 against`.
    pub fn told(&self) -> String {
        let many = |keys: &[KeyPicture], what| format!("{} {what}", thousands(keys.len()));
        match (self.only(), &self.unlike[..]) {
            (Some(only), _) => only.told(),
            (None, []) => many(&self.like, "for"),
            (None, unlike) => format!("{}, {}", many(&self.like, "for"), many(unlike, "against")),
        }
    }

    /// For use in a file's name.
    pub fn file_name(&self) -> String {
        match self.only() {
            Some(only) => only.told(),
            None => count(self.count(), "key").replace(' ', "-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> KeyPicture {
        KeyPicture { path: name.into(), stamp: None, id: None, name: name.into(), part: None }
    }

    #[test]
    fn a_picture_is_a_key_once_and_either_for_or_against() {
        let names = |keys: &KeyPictures| -> Vec<String> {
            keys.all().map(|(key, is_for)| format!("{}{}", if is_for { "+" } else { "-" }, key.name)).collect()
        };
        let keys = KeyPictures::from(key("a.jpg"));
        assert_eq!((keys.told().as_str(), keys.file_name().as_str()), ("a", "a"));
        assert_eq!(names(&keys.clone().and_not(key("a.jpg"))), ["+a.jpg"], "one is for, always");
        let keys = keys.and(key("b.jpg")).and(key("b.jpg")).and_not(key("c.jpg"));
        assert_eq!(names(&keys), ["+a.jpg", "+b.jpg", "-c.jpg"]);
        assert_eq!((keys.told().as_str(), keys.file_name().as_str()), ("2 for, 1 against", "3-keys"));
        assert_eq!(names(&keys.clone().and(key("c.jpg"))), ["+a.jpg", "+b.jpg", "+c.jpg"]);
        assert_eq!(names(&keys.and_not(key("a.jpg"))), ["+b.jpg", "-c.jpg", "-a.jpg"]);
        assert_eq!(KeyPictures::like([]), None);
        assert_eq!(KeyPictures::like(["a", "b", "a"].map(key)).unwrap().told(), "2 for");
    }
}
