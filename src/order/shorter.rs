//! Shortens a cycle through points: 2-opt and Or-opt with neighbour lists. Bentley, 1992, Fast algorithms for geometric
//! traveling salesman problems.

use std::collections::VecDeque;

use crate::cancel::Cancel;
use crate::error::Result;

/// Smaller gains are rounding.
const LEAST: f64 = 1e-12;
/// The most points moved together.
const LONGEST_PIECE: usize = 3;
/// The most visits to each point, on average.
const LOOKS: usize = 40;

/// Shortens the cycle by changes between near points. `near`: for each point its candidates for neighbours, nearest
/// first. Sequential, so the result doesn't depend on threads.
pub fn shorten(
    circle: Vec<u32>,
    near: &[Vec<u32>],
    distance: &dyn Fn(u32, u32) -> f64,
    cancel: &Cancel,
    progress: &mut dyn FnMut(f64),
) -> Result<Vec<u32>> {
    let count = circle.len();
    if count < 5 {
        return Ok(circle);
    }
    let mut at = vec![0; count];
    circle.iter().enumerate().for_each(|(place, point)| at[*point as usize] = place);
    let mut to_look_at: VecDeque<u32> = circle.iter().copied().collect();
    let mut waits = vec![true; count];
    let mut circle = Circle { points: circle, at, near, distance };
    let mut looks = 0;
    while let Some(point) = to_look_at.pop_front().filter(|_| looks < LOOKS * count) {
        waits[point as usize] = false;
        looks += 1;
        if looks % 256 == 0 {
            cancel.check()?;
            progress(1.0 - to_look_at.len() as f64 / count as f64);
        }
        while let Some(changed) = circle.improve(point) {
            for point in changed {
                if !std::mem::replace(&mut waits[point as usize], true) {
                    to_look_at.push_back(point);
                }
            }
        }
    }
    Ok(circle.points)
}

struct Circle<'a> {
    points: Vec<u32>,
    /// The position of each point.
    at: Vec<usize>,
    near: &'a [Vec<u32>],
    distance: &'a dyn Fn(u32, u32) -> f64,
}

impl Circle<'_> {
    fn step(&self, place: usize, forward: bool) -> usize {
        let count = self.points.len();
        if forward { (place + 1) % count } else { (place + count - 1) % count }
    }

    fn beside(&self, point: u32, forward: bool) -> u32 {
        self.points[self.step(self.at[point as usize], forward)]
    }

    fn distance(&self, a: u32, b: u32) -> f64 {
        (self.distance)(a, b)
    }

    /// Makes the first change around `point` that gains something; returns the points whose neighbours changed.
    fn improve(&mut self, point: u32) -> Option<Vec<u32>> {
        for forward in [true, false] {
            let next = self.beside(point, forward);
            let here = self.distance(point, next);
            for other in self.near[point as usize].clone() {
                let gain = here - self.distance(point, other);
                if gain <= LEAST {
                    break;
                }
                // Cross both edges over.
                let beyond = self.beside(other, forward);
                if other != next && beyond != point {
                    let gain = gain + self.distance(other, beyond) - self.distance(next, beyond);
                    if gain > LEAST {
                        let (first, last) = if forward { (next, other) } else { (point, beyond) };
                        self.reverse(self.at[first as usize], self.at[last as usize]);
                        return Some(vec![point, next, other, beyond]);
                    }
                }
                if let Some(changed) = self.move_piece(point, forward, other, gain) {
                    return Some(changed);
                }
            }
        }
        None
    }

    /// Moves a piece that ends with `point` (whose edge in the direction `forward` is cut) next to `other`. `gain`:
    /// from these two edges.
    fn move_piece(&mut self, point: u32, forward: bool, other: u32, gain: f64) -> Option<Vec<u32>> {
        let next = self.beside(point, forward);
        let mut piece = vec![point];
        for _ in 0..LONGEST_PIECE {
            let last = *piece.last()?;
            let before = self.beside(last, !forward);
            if piece.contains(&other) || before == other || before == next || other == next {
                return None;
            }
            let closed = self.distance(before, last) - self.distance(before, next);
            for way in [true, false] {
                let beyond = self.beside(other, way);
                if piece.contains(&beyond) {
                    continue;
                }
                let gain = gain + closed + self.distance(other, beyond) - self.distance(last, beyond);
                if gain > LEAST {
                    self.put_between(&piece, other, beyond);
                    return Some(vec![before, next, point, last, other, beyond]);
                }
            }
            piece.push(before);
        }
        None
    }

    /// Puts a piece, which starts next to `other`, between it and `beyond`, which are adjacent; everything between its
    /// old and new position shifts.
    fn put_between(&mut self, piece: &[u32], other: u32, beyond: u32) {
        let count = self.points.len();
        let places: Vec<usize> = piece.iter().map(|point| self.at[*point as usize]).collect();
        let is_rising = piece.len() == 1 || places[1] == self.step(places[0], true);
        let (first, last) =
            if is_rising { (places[0], *places.last().unwrap()) } else { (*places.last().unwrap(), places[0]) };
        let is_forward = self.beside(other, true) == beyond;
        let (left, right) = if is_forward { (other, beyond) } else { (beyond, other) };
        let rises = (self.at[left as usize] + count - last) % count;
        let falls = (first + count - self.at[right as usize]) % count;
        let mut hole;
        if rises <= falls {
            // What follows the piece, up to `left`, moves down.
            hole = first;
            let mut from = self.step(last, true);
            for _ in 0..rises {
                self.put(hole, self.points[from]);
                (hole, from) = (self.step(hole, true), self.step(from, true));
            }
        } else {
            hole = last;
            let mut from = self.step(first, false);
            for _ in 0..falls {
                self.put(hole, self.points[from]);
                (hole, from) = (self.step(hole, false), self.step(from, false));
            }
            hole = first_of(hole, piece.len(), count);
        }
        // Its first point goes next to `other`.
        for at in 0..piece.len() {
            let point = if is_forward { piece[at] } else { piece[piece.len() - 1 - at] };
            self.put(hole, point);
            hole = self.step(hole, true);
        }
    }

    fn put(&mut self, place: usize, point: u32) {
        self.points[place] = point;
        self.at[point as usize] = place;
    }

    /// Reverses the section from one position to another, or the rest, which gives the same cycle.
    fn reverse(&mut self, mut from: usize, mut to: usize) {
        let count = self.points.len();
        let mut length = (to + count - from) % count + 1;
        if 2 * length > count {
            (from, to) = (self.step(to, true), self.step(from, false));
            length = count - length;
        }
        for _ in 0..length / 2 {
            let (a, b) = (self.points[from], self.points[to]);
            self.put(from, b);
            self.put(to, a);
            (from, to) = (self.step(from, true), self.step(to, false));
        }
    }
}

/// The first of `length` positions that end with `last`.
fn first_of(last: usize, length: usize, count: usize) -> usize {
    (last + count + 1 - length) % count
}
