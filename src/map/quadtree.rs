//! A tree of points on a plane that approximates the repulsion of all others on a point without visiting each: Barnes
//! and Hut, 1986; for t-SNE van der Maaten, 2014, section 4.2.

/// Points in a leaf.
const LEAF: usize = 8;
/// Bits of each coordinate in a point's code, which limit the tree's depth.
const BITS: u32 = 16;
/// Squares that look smaller than this from a point (width over distance) act as one.
const THETA: f64 = 0.5;

/// Points along a space-filling curve (Morton, 1966), and the squares that contain some.
pub struct Quadtree {
    /// The index of each point, in this order, and its place.
    pub order: Vec<u32>,
    places: Vec<[f64; 2]>,
    nodes: Vec<Node>,
}

/// A square. Its children follow it directly.
struct Node {
    /// The mean of its points.
    middle: [f64; 2],
    count: f64,
    /// The square of its width over [`THETA`].
    reach: f64,
    /// The first node outside it.
    next: u32,
    /// Its points, if it is a leaf.
    points: std::ops::Range<u32>,
    is_leaf: bool,
}

/// The repulsion of all other points on a point, with q = 1 / (1 + squared distance) for each.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Push {
    /// Sum of q² times the difference.
    pub force: [f64; 2],
    /// Sum of q.
    pub sum: f64,
}

impl Quadtree {
    /// For finite places.
    pub fn new(places: &[[f64; 2]]) -> Quadtree {
        let [left, top] = [0, 1].map(|axis| places.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min));
        let [right, bottom] = [0, 1].map(|axis| places.iter().map(|p| p[axis]).fold(f64::NEG_INFINITY, f64::max));
        let width = (right - left).max(bottom - top).max(1e-12) * (1.0 + 1e-9);
        let cells = f64::from(1u32 << BITS);
        let code = |place: &[f64; 2]| {
            let cell = |x: f64, from: f64| ((x - from) / width * cells) as u32;
            spread(cell(place[0], left)) | spread(cell(place[1], top)) << 1
        };
        let mut coded: Vec<(u32, u32)> = places.iter().map(code).zip(0..).collect();
        coded.sort_unstable();
        let order: Vec<u32> = coded.iter().map(|(_, at)| *at).collect();
        let places: Vec<_> = order.iter().map(|at| places[*at as usize]).collect();
        let mut tree = Quadtree { order, places, nodes: Vec::with_capacity(coded.len() / 2) };
        if !coded.is_empty() {
            tree.add(&coded, 0, 2 * BITS, width);
        }
        tree
    }

    /// Adds the square of these points, which start at `from` and differ only in the last `bits` of their codes;
    /// returns its middle.
    fn add(&mut self, coded: &[(u32, u32)], from: usize, bits: u32, width: f64) -> [f64; 2] {
        let at = self.nodes.len();
        let points = from as u32..(from + coded.len()) as u32;
        let is_leaf = coded.len() <= LEAF || bits == 0;
        let (count, reach) = (coded.len() as f64, (width / THETA) * (width / THETA));
        self.nodes.push(Node { middle: [0.0; 2], count, reach, next: 0, points, is_leaf });
        let mut sum = [0.0; 2];
        if is_leaf {
            let places = &self.places[from..from + coded.len()];
            places.iter().for_each(|place| sum = [sum[0] + place[0], sum[1] + place[1]]);
        } else {
            let mut begin = 0;
            for quarter in 0..4u32 {
                let in_it = |(code, _): &(u32, u32)| code >> (bits - 2) & 3 <= quarter;
                let end = begin + coded[begin..].partition_point(in_it);
                if end > begin {
                    let middle = self.add(&coded[begin..end], from + begin, bits - 2, width / 2.0);
                    let count = (end - begin) as f64;
                    sum = [sum[0] + middle[0] * count, sum[1] + middle[1] * count];
                }
                begin = end;
            }
        }
        let middle = sum.map(|sum| sum / count);
        let next = self.nodes.len() as u32;
        (self.nodes[at].middle, self.nodes[at].next) = (middle, next);
        middle
    }

    /// The repulsion on the point at this position of [`Quadtree::order`].
    pub fn push(&self, at: usize) -> Push {
        let here = self.places[at];
        let mut push = Push::default();
        let mut node = 0;
        while let Some(square) = self.nodes.get(node) {
            let (x, y) = (here[0] - square.middle[0], here[1] - square.middle[1]);
            let squared = x * x + y * y;
            if square.reach < squared {
                let q = 1.0 / (1.0 + squared);
                let weight = square.count * q;
                push.sum += weight;
                push.force = [push.force[0] + weight * q * x, push.force[1] + weight * q * y];
                node = square.next as usize;
            } else if square.is_leaf {
                let points = square.points.start as usize..square.points.end as usize;
                for other in points.filter(|other| *other != at) {
                    let (x, y) = (here[0] - self.places[other][0], here[1] - self.places[other][1]);
                    let q = 1.0 / (1.0 + x * x + y * y);
                    push.sum += q;
                    push.force = [push.force[0] + q * q * x, push.force[1] + q * q * y];
                }
                node = square.next as usize;
            } else {
                node += 1;
            }
        }
        push
    }
}

/// The bits of a 16-bit number, with a zero before each.
fn spread(mut bits: u32) -> u32 {
    bits &= 0xffff;
    bits = (bits | bits << 8) & 0x00ff_00ff;
    bits = (bits | bits << 4) & 0x0f0f_0f0f;
    bits = (bits | bits << 2) & 0x3333_3333;
    (bits | bits << 1) & 0x5555_5555
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(places: &[[f64; 2]], at: usize) -> Push {
        let mut push = Push::default();
        for (_, other) in places.iter().enumerate().filter(|(other, _)| *other != at) {
            let (x, y) = (places[at][0] - other[0], places[at][1] - other[1]);
            let q = 1.0 / (1.0 + x * x + y * y);
            push.sum += q;
            push.force = [push.force[0] + q * q * x, push.force[1] + q * q * y];
        }
        push
    }

    #[test]
    fn it_pushes_nearly_as_all_points_do_one_by_one() {
        let mut random = fastrand::Rng::with_seed(5);
        let places: Vec<_> = (0..2_000).map(|_| [random.f64() * 60.0, random.f64() * 30.0]).collect();
        let tree = Quadtree::new(&places);
        for at in 0..places.len() {
            let (found, exact) = (tree.push(at), exact(&places, tree.order[at] as usize));
            assert!((found.sum / exact.sum - 1.0).abs() < 0.02, "{found:?}, not {exact:?}");
            let off = (found.force[0] - exact.force[0]).hypot(found.force[1] - exact.force[1]);
            assert!(off < 0.05 * exact.sum, "{found:?}, not {exact:?}");
        }
    }

    #[test]
    fn many_points_at_one_place_are_no_endless_depth() {
        let mut places = vec![[1.0, 1.0]; 100];
        places.push([2.0, 1.0]);
        let tree = Quadtree::new(&places);
        let last = tree.order.iter().position(|at| *at == 100).unwrap();
        assert!((tree.push(last).sum - 50.0).abs() < 1e-9);
        assert_eq!(Quadtree::new(&[]).order.len(), 0);
        assert_eq!(Quadtree::new(&[[3.0, 4.0]]).push(0), Push::default());
    }
}
