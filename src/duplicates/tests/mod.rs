//! Groups of made-up pictures: their members, the kept one, the judgement of others.

mod close;
mod pixels;
mod rules;
mod windows;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::*;
use crate::cancel::Cancel;
use crate::dataset::{ContentHash, Facts, FileFormat, FileId, FileLook, ImageFile, PerceptualHash, SmallPicture};
use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row};
use crate::join::{DescriptorKind, Engine};

/// A picture that exists only in tests.
#[derive(Clone)]
struct Made {
    name: &'static str,
    /// A direction in degrees: two pictures' cosine is that of the angle between them.
    angle: f64,
    bytes: u64,
    content: u8,
    hash: PerceptualHash,
    facts: Facts,
    mtime_ns: i64,
}

const JPEG: Facts = Facts {
    width: 800,
    height: 600,
    format: FileFormat::Jpeg,
    is_lossless: false,
    holds_more: false,
    chroma: 40,
    taken: None,
    notes: None,
};

/// Hashes of different numbers have nothing in common.
fn hash(number: u64) -> PerceptualHash {
    let mut random = fastrand::Rng::with_seed(number);
    PerceptualHash([random.u64(..) | 1, random.u64(..), random.u64(..), random.u64(..)])
}

impl Made {
    fn new(name: &'static str, angle: f64, content: u8) -> Made {
        Made { name, angle, bytes: 1000, content, hash: hash(content.into()), facts: JPEG, mtime_ns: 0 }
    }

    fn with(self, change: impl FnOnce(&mut Made)) -> Made {
        let mut made = self;
        change(&mut made);
        made
    }

    fn row(&self) -> Row {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        (dense[0], dense[1]) = (self.angle.to_radians().cos() as f32, self.angle.to_radians().sin() as f32);
        let small = SmallPicture(Box::new(std::array::from_fn(|at| (at % 200) as u8 + 1)));
        let look = FileLook { content: ContentHash([self.content; 32]), hash: self.hash, facts: self.facts, small };
        Row::of(&self.image("/photos"), Descriptor::from_dense(&dense).unwrap(), &look)
    }

    fn image(&self, root: &str) -> ImageFile {
        let path = PathBuf::from(format!("{root}/{}", self.name));
        let id = FileId::Path(path.clone().into());
        ImageFile { name: self.name.into(), path, size: self.bytes, mtime_ns: self.mtime_ns, ctime_ns: 0, id }
    }
}

fn source(root: &str, pictures: &[Made]) -> CollectionSource {
    let matrix: FeatureMatrix = pictures.iter().map(Made::row).collect();
    let mut images: Vec<_> = pictures.iter().map(|made| made.image(root)).collect();
    images.sort_by(|a, b| a.name.cmp(&b.name));
    CollectionSource { name: root.trim_start_matches('/').into(), root: root.into(), matrix, images: Arc::new(images) }
}

fn found(collection: &Collection, witnesses: Witnesses) -> SimilarPairs {
    let from = floor(DescriptorKind::Full);
    SimilarPairs::among(collection, witnesses, from, Engine::default(), &Cancel::default(), &mut |_| {}).unwrap()
}

const BOTH: Witnesses = Witnesses::Both(DescriptorKind::Full);

/// `kept (reason): other mark why, other leave why`
fn seen(collection: &Collection, plan: &GroupPlan) -> Vec<String> {
    let member = |member: &GroupMember| match member.judgement {
        Ok(reason) => format!("{} mark {}", collection.name(member.picture), reason.text()),
        Err(doubt) => format!("{} leave {}", collection.name(member.picture), doubt.text()),
    };
    let group = |group: &DuplicateGroup| {
        let members: Vec<_> = group.members.iter().map(member).collect();
        format!("{} ({}): {}", collection.name(group.kept), group.reason, members.join(", "))
    };
    plan.groups.iter().map(group).collect()
}

fn planned(pictures: &[Made], settings: &PlanSettings) -> Vec<String> {
    let collection = Collection::new(vec![source("/photos", pictures)]).unwrap();
    collection.pretend_to_look();
    let similar = found(&collection, BOTH);
    seen(&collection, &complete(&collection, &similar, &Verdicts::default(), settings))
}

/// The complete plan. Missing files count as no copies.
fn complete(
    collection: &Collection,
    similar: &SimilarPairs,
    verdicts: &Verdicts,
    settings: &PlanSettings,
) -> GroupPlan {
    GroupPlan::complete(collection, similar, verdicts, settings, &Cancel::default(), &|_| ()).unwrap()
}

fn at(range: f64) -> PlanSettings {
    PlanSettings { range, ..PlanSettings::default() }
}

#[test]
fn a_raw_file_and_a_picture_of_it_are_a_pair_whichever_is_kept() {
    let raw = Made::new("a.nef", 0.0, 1).with(|made| {
        (made.facts.format, made.facts.holds_more, made.bytes) = (FileFormat::Raw, true, 30_000);
    });
    let picture = Made::new("a.jpg", 1.0, 2).with(|made| made.hash = raw.hash);
    let copy = Made::new("copy.jpg", 1.0, 3).with(|made| (made.hash, made.bytes) = (raw.hash, 300));
    assert_eq!(
        planned(&[raw.clone(), picture.clone()], &at(0.9)),
        ["a.nef (most bytes): a.jpg leave pair with a RAW file"]
    );
    let folder = |name: &str| PlanSettings {
        rules: KeepRules::new(vec![KeepRule::In(format!("/photos/{name}").into())]),
        ..at(0.9)
    };
    assert_eq!(
        planned(&[raw.clone(), picture.clone()], &folder("a.jpg")),
        ["a.jpg (in /photos/a.jpg): a.nef leave pair with a RAW file"]
    );
    // Of two JPEGs from it, one may go.
    let planned = planned(&[raw, picture, copy], &at(0.9));
    assert_eq!(planned, ["a.nef (most bytes): a.jpg leave pair with a RAW file, copy.jpg mark recompressed"]);
}

#[test]
fn a_copy_is_marked_with_what_tells_so_and_another_shot_is_left() {
    let original = Made::new("original.jpg", 0.0, 1);
    let near = original.hash;
    let copy = |name, content, change: &dyn Fn(&mut Made)| {
        // Made after the original was taken.
        let made = Made { mtime_ns: 10_000_000_000, hash: near, bytes: 800, ..Made::new(name, 5.0, content) };
        made.with(|made| change(made))
    };
    let pictures = [
        original.clone(),
        copy("half.jpg", 2, &|made| (made.facts.width, made.facts.height) = (400, 300)),
        copy("poor.jpg", 3, &|made| made.bytes = 300),
        copy("grey.jpg", 4, &|made| made.facts.chroma = 0),
        copy("web.webp", 5, &|made| made.facts.format = FileFormat::WebP),
        copy("turned.jpg", 6, &|made| made.hash = near.orientations()[5]),
        copy("twin.jpg", 1, &|_| {}),
        copy("burst.jpg", 7, &|_| {}),
        copy("later.jpg", 8, &|made| (made.bytes, made.facts.taken) = (300, Some(7))),
        copy("film.jpg", 9, &|made| (made.bytes, made.facts.holds_more) = (300, true)),
        Made::new("other.jpg", 90.0, 10),
    ];
    let mut pictures = pictures.to_vec();
    pictures[0].facts.taken = Some(5);
    let [group] = &planned(&pictures, &at(0.9))[..] else { panic!("one group") };
    assert!(group.starts_with("original.jpg (most bytes): twin.jpg mark identical, "), "{group}");
    for judged in [
        "half.jpg mark smaller",
        "poor.jpg mark recompressed",
        "grey.jpg mark grey",
        "web.webp mark other format",
        "turned.jpg mark rotated/mirrored",
        "burst.jpg leave perhaps another shot",
        "later.jpg leave taken at another time",
        "film.jpg leave holds more",
    ] {
        assert!(group.contains(judged), "{judged}: {group}");
    }
    assert!(!group.contains("other.jpg"));
    // Nor is an older one marked in favour of one in another format.
    let older = copy("web.webp", 5, &|made| (made.facts.format, made.mtime_ns) = (FileFormat::WebP, 3));
    let kept = Made { mtime_ns: 7, ..Made { facts: JPEG, ..original.clone() } };
    assert_eq!(
        planned(&[kept, older], &at(0.9)),
        ["original.jpg (most bytes): web.webp leave older than the kept one"]
    );
    // Nor in favour of a larger one: that may be an enlarged copy.
    let small = Made { mtime_ns: 7, ..Made { facts: JPEG, ..original.clone() } };
    let large = copy("large.jpg", 6, &|made| (made.facts.width, made.facts.height, made.bytes) = (1600, 1200, 2000));
    let large = |mtime_ns| planned(&[small.clone(), Made { mtime_ns, ..large.clone() }], &at(0.9));
    assert_eq!(large(9), ["large.jpg (most pixels): original.jpg leave older than the kept one"]);
    assert_eq!(large(5), ["large.jpg (most pixels): original.jpg mark smaller"]);
    // Saved again with more bytes, the copy is kept by the rules, but the older one isn't marked.
    let turned =
        copy("again.jpg", 6, &|made| (made.hash, made.bytes, made.mtime_ns) = (near.orientations()[5], 2000, 9));
    assert_eq!(
        planned(&[Made { facts: JPEG, ..original }, turned], &at(0.9)),
        ["again.jpg (most bytes): original.jpg leave older than the kept one"]
    );
}

#[test]
fn one_that_is_like_the_centre_but_not_like_the_kept_one_is_left() {
    let made = |name, angle, content| Made::new(name, angle, content).with(|m| m.bytes = 300);
    let pictures = [
        made("a.jpg", 0.0, 1),
        made("centre.jpg", 20.0, 2).with(|m| m.facts.format = FileFormat::WebP),
        // Most bytes: it is kept.
        made("z.jpg", 40.0, 3).with(|m| m.bytes = 1000),
    ];
    // The cosine of 20 degrees is 0.94, that of 40 is 0.77.
    assert_eq!(
        planned(&pictures, &at(0.9)),
        ["z.jpg (most bytes): centre.jpg leave perhaps another shot, a.jpg leave not like the kept one"]
    );
    assert_eq!(planned(&pictures, &at(0.95)), [""; 0]);
}

#[test]
fn one_that_is_only_like_a_member_of_a_group_is_in_that_group() {
    // The middle of the three on the left is nearest to the last, which is like both others; so it takes them both.
    let pictures = [
        Made::new("a.jpg", 0.0, 1),
        Made::new("b.jpg", 20.0, 2),
        Made::new("c.jpg", 39.0, 3),
        Made::new("d.jpg", 40.0, 4),
        Made::new("e.jpg", 58.0, 5).with(|m| m.bytes = 2000),
    ];
    // Cosines: of 20 degrees 0.94, of 40 0.77. b is like c and d, and a is like b only; e is like c and d.
    assert_eq!(
        planned(&pictures, &at(0.93)),
        ["e.jpg (most bytes): d.jpg leave perhaps another shot, c.jpg leave perhaps another shot, \
          a.jpg leave not like the kept one, b.jpg leave not like the kept one"]
    );
    // A copy of an outer one is a copy, also if it isn't like the centre: here in grey.
    let grey = Made::new("a grey.jpg", 0.0, 6).with(|m| (m.hash, m.facts.chroma, m.bytes) = (hash(1), 0, 900));
    let all = planned(&[&pictures[..], &[grey]].concat(), &at(0.93));
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].contains("a grey.jpg"), "{all:?}");
}

#[test]
fn pictures_said_to_be_no_duplicates_are_in_no_group_together() {
    let pictures = [Made::new("a.jpg", 0.0, 1), Made::new("b.jpg", 5.0, 2), Made::new("c.jpg", 10.0, 3)];
    let collection = Collection::new(vec![source("/photos", &pictures)]).unwrap();
    let similar = found(&collection, BOTH);
    let folder = tempfile::tempdir().unwrap();
    let file = VerdictsFile::new(folder.path());
    let pair = |a: u8, b: u8| ([ContentHash([a; 32]), ContentHash([b; 32])], ["x".to_owned(), "y".to_owned()]);
    let parted = file.add(&[pair(2, 1), pair(2, 3)], false).unwrap();
    let plan = |verdicts: &Verdicts| seen(&collection, &GroupPlan::new(&collection, &similar, verdicts, &at(0.9)));
    assert_eq!(plan(&parted), ["a.jpg (first by name): c.jpg leave perhaps another shot"]);
    assert_eq!(plan(&file.add(&[pair(1, 2), pair(3, 2)], true).unwrap()).len(), 1);
    assert!(plan(&Verdicts::default())[0].contains("c.jpg"));
}

#[test]
fn bursts_in_one_folder_are_no_duplicates_across_folders_identical_ones_are() {
    let made = |name, angle, content| Made::new(name, angle, content);
    let pictures = [
        made("trip/1.jpg", 0.0, 1),
        made("trip/2.jpg", 2.0, 2),
        made("trip/2 again.jpg", 2.0, 2),
        made("web/1.jpg", 1.0, 4),
    ];
    let across = PlanSettings { across_folders: true, ..at(0.9) };
    let groups = planned(&pictures, &across);
    assert_eq!(groups.len(), 1, "{groups:?}");
    // web/1 is the centre, and has the shortest path. One of the byte-identical ones is enough.
    let judged =
        "trip/1.jpg leave perhaps another shot, trip/2 again.jpg mark identical, trip/2.jpg leave perhaps another shot";
    assert_eq!(groups, [format!("web/1.jpg (shortest path): {judged}")]);
    let alone = planned(&pictures[1..3], &across);
    assert_eq!(alone, ["trip/2.jpg (shortest path): trip/2 again.jpg mark identical"]);
    assert_eq!(planned(&pictures[..2], &across), [""; 0]);
}

#[test]
fn several_folders_are_one_set_and_a_file_in_two_of_them_is_one() {
    let (a, b) = (Made::new("a.jpg", 0.0, 1), Made::new("b.jpg", 1.0, 2));
    let (mut first, mut second) = (source("/photos", std::slice::from_ref(&a)), source("/backup", &[a, b]));
    // One file, two paths.
    let shared = first.images[0].clone();
    Arc::make_mut(&mut second.images)[0].id = shared.id.clone();
    let collection = Collection::new(vec![first.clone(), second.clone()]).unwrap();
    assert_eq!((collection.len(), collection.contents()), (2, 2));
    let plan = GroupPlan::new(&collection, &found(&collection, BOTH), &Verdicts::default(), &at(0.9));
    assert_eq!(seen(&collection, &plan), ["photos/a.jpg (first by name): backup/b.jpg leave perhaps another shot"]);
    first.matrix = first.matrix.with_crops(crate::descriptor::Crops::Five);
    let refused = Collection::new(vec![first, second]).unwrap_err().to_string();
    assert!(refused.contains("/photos and /backup") && refused.contains("--crops"), "{refused}");
}

#[test]
fn a_folder_where_all_is_kept_is_known_through_links_too() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    std::fs::create_dir_all(root.join("archive")).unwrap();
    std::fs::create_dir_all(root.join("photos")).unwrap();
    std::os::unix::fs::symlink("../archive", root.join("photos/old")).unwrap();
    let (photos, archive) = (root.join("photos"), root.join("archive"));
    let larger = Made::new("large.jpg", 0.0, 1).with(|made| made.bytes = 2000);
    let linked = Made::new("old/x.jpg", 0.0, 1);
    let first = source(photos.to_str().unwrap(), &[larger, linked]);
    let rules = |folder: &Path| KeepRules::new([KeepRule::In(folder.to_owned())]);
    let groups = |sources: Vec<CollectionSource>| {
        let collection = Collection::new(sources).unwrap().with_real_folders();
        let settings = PlanSettings { rules: rules(&archive), ..at(0.9) };
        let plan = GroupPlan::new(&collection, &found(&collection, BOTH), &Verdicts::default(), &settings);
        seen(&collection, &plan).concat()
    };
    let alone = groups(vec![first.clone()]);
    assert!(alone.contains("old/x.jpg (in ") && alone.ends_with("large.jpg mark identical"), "{alone}");
    // Listed by both, too.
    let mut second = source(archive.to_str().unwrap(), &[Made::new("x.jpg", 0.0, 1)]);
    Arc::make_mut(&mut second.images)[0].id = first.images[1].id.clone();
    let both = groups(vec![first, second]);
    assert!(both.contains("old/x.jpg (in ") && both.ends_with("large.jpg mark identical"), "{both}");
}

#[test]
fn the_hash_alone_finds_what_it_can_and_does_not_follow_the_range() {
    let pictures = [
        Made::new("a.jpg", 0.0, 1),
        Made::new("turned.jpg", 90.0, 2).with(|made| made.hash = hash(1).orientations()[3]),
        Made::new("alike.jpg", 1.0, 3),
    ];
    let collection = Collection::new(vec![source("/photos", &pictures)]).unwrap();
    let pairs = |witnesses| {
        let similar = found(&collection, witnesses);
        similar.pairs.iter().map(|pair| (pair.value.is_some(), pair.distance.map(|d| d.0))).collect::<Vec<_>>()
    };
    assert_eq!(pairs(Witnesses::Hash), [(false, Some(0))]);
    assert_eq!(pairs(BOTH), [(true, None), (false, Some(0))]);
    let similar = found(&collection, BOTH);
    assert!(similar.pairs.iter().all(|pair| pair.is_within(0.9)));
    assert_eq!(similar.pairs.iter().filter(|pair| pair.is_within(1.0)).count(), 1);
}

#[test]
fn all_pairs_of_near_hashes_are_found_whatever_the_instructions() {
    let mut random = fastrand::Rng::with_seed(5);
    let of = |picture, is_inside, hash| PictureHash { picture, is_inside, hash };
    let mut hashes: Vec<PictureHash> = (0..300).map(|at| of(at, false, hash(at.into()))).collect();
    for at in 0..150 {
        let mut near = hashes[at].hash.orientations()[random.usize(..8)];
        for _ in 0..random.usize(..40) {
            let bit = random.usize(1..256);
            near.0[bit / 64] ^= 1 << (bit % 64);
        }
        // The whole picture, and the one inside its frame.
        let other = hashes[random.usize(..150)].hash;
        hashes.extend([of(300 + at as u32, false, near), of(300 + at as u32, true, other)]);
    }
    let mut expected: BTreeMap<(u32, u32), (u8, bool)> = BTreeMap::new();
    for (at, a) in hashes.iter().enumerate() {
        for b in hashes[at + 1..].iter().filter(|b| b.picture != a.picture) {
            if let Some(distance) = a.hash.distance_turned(b.hash).filter(|distance| *distance <= 24) {
                let least = expected.entry((a.picture, b.picture)).or_insert((u8::MAX, false));
                *least = (*least).min((distance as u8, b.is_inside));
            }
        }
    }
    let expected: Vec<_> = expected.into_iter().collect();
    assert!(expected.len() > 200);
    for instructions in crate::simd::Instructions::available() {
        let found = |compared| {
            let near = hashes::near_hashes(&hashes, compared, 24, instructions, &Cancel::default(), &|_| {}).unwrap();
            near.iter().map(|near| (near.pictures, (near.distance, near.in_frame[1]))).collect::<Vec<_>>()
        };
        assert_eq!(found(HashPairing::All), expected, "{instructions:?}");
        let is_between = |((a, b), _): &&((u32, u32), (u8, bool))| *a < 70 && *b >= 70;
        let expected: Vec<_> = expected.iter().filter(is_between).copied().collect();
        assert!(!expected.is_empty() && found(HashPairing::FirstWithOthers(70)) == expected, "{instructions:?}");
    }
}

#[test]
fn what_the_hashes_see_in_a_frame_is_left_without_a_look_at_the_files() {
    let larger = Made::new("larger", 0.0, 1).with(|made| made.facts = Facts { width: 900, height: 700, ..JPEG });
    let collection = Collection::new(vec![source("/photos", &[larger, Made::new("smaller", 0.0, 2)])]).unwrap();
    let judged = |kept, picture, in_frame| {
        let likeness = Likeness { distance: Some((3, 3)), in_frame, ..Likeness::new((0, 1), None, None) };
        evidence::judge(&collection, kept, picture, Some(&likeness))
    };
    assert_eq!(judged(0, 1, [true, false]), Err(Doubt::KeptIsFramed));
    assert_eq!(judged(1, 0, [true, false]), Err(Doubt::ShowsMore));
    assert_eq!(judged(0, 1, [false, true]), Err(Doubt::ShowsMore));
    for in_frame in [[false; 2], [true; 2]] {
        assert_eq!(judged(0, 1, in_frame), Err(Doubt::Pending));
    }
}
