//! Which picture of a group is kept.

use super::*;

#[test]
fn rules_decide_in_their_order_and_protected_ones_are_never_marked() {
    let hash = hash(77);
    let made = |name, content, width, bytes, mtime_ns| {
        Made::new(name, 0.0, content).with(|made| {
            (made.hash, made.bytes, made.mtime_ns) = (hash, bytes, mtime_ns);
            // Taken at one time, and saved at others.
            (made.facts.width, made.facts.height, made.facts.taken) = (width, width / 4 * 3, Some(5));
        })
    };
    let pictures = [
        made("archive/old.jpg", 1, 400, 500, 1),
        made("large.jpg", 2, 800, 900, 3),
        made("small.png", 3, 400, 800, 2).with(|m| (m.facts.format, m.facts.is_lossless) = (FileFormat::Png, true)),
    ];
    let by = |rules: Vec<KeepRule>| planned(&pictures, &PlanSettings { rules: KeepRules::new(rules), ..at(0.9) });
    let all = by(vec![]);
    assert!(
        all[0].starts_with("large.jpg (most pixels): archive/old.jpg mark smaller, small.png mark other format"),
        "{all:?}"
    );
    assert!(by(vec![KeepRule::Lossless])[0].starts_with("small.png (lossless format)"));
    assert!(by(vec![KeepRule::Oldest])[0].starts_with("archive/old.jpg (oldest)"));
    assert!(by(vec![KeepRule::Newest])[0].starts_with("large.jpg (newest)"));
    let inside = by(vec![KeepRule::In("/photos/archive".into())]);
    assert!(inside[0].starts_with("archive/old.jpg (in /photos/archive)"), "{inside:?}");
    let both = by(vec![KeepRule::Pixels, KeepRule::In("/photos/archive".into())]);
    assert!(both[0].contains("archive/old.jpg leave protected"), "{both:?}");
    assert!(
        KeepRule::parse("in:").is_err() && KeepRule::parse("best").unwrap_err().to_string().contains("shortest-path")
    );
    assert_eq!(
        KeepRules::new([KeepRule::Newest]).names(),
        "newest, pixels, lossless, colours, bytes, outside-dcim, shortest-path"
    );
}

#[test]
fn what_is_imported_is_kept_and_not_what_the_card_still_has() {
    let card = Made::new("100ABC/1.jpg", 0.0, 1);
    let archive = Made::new("a long way below/imported.jpg", 0.0, 1);
    let kept = |roots: [&str; 2]| {
        let sources =
            vec![source(roots[0], std::slice::from_ref(&card)), source(roots[1], std::slice::from_ref(&archive))];
        let collection = Collection::new(sources).unwrap();
        seen(&collection, &GroupPlan::new(&collection, &found(&collection, BOTH), &Verdicts::default(), &at(0.9)))
    };
    let groups = kept(["/card/dcim", "/photos"]);
    assert!(groups[0].contains("imported.jpg (not in DCIM): ") && groups[0].ends_with("mark identical"), "{groups:?}");
    let groups = kept(["/card", "/photos"]);
    assert!(groups[0].contains("1.jpg (shortest path): "), "{groups:?}");
}
