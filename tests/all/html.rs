//! `--html`: a single file with the results, which runs nothing and fetches nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::common::{DRAKE, DUCK, Outcome, Place, copies, reckoned, starter};

fn page(place: &Place, name: &str) -> String {
    fs::read_to_string(place.path().join(name)).unwrap()
}

/// The body of the page, without pictures and the temporary folder.
fn body(place: &Place, name: &str) -> String {
    let page = page(place, name);
    let body = page
        .split_once("<body>")
        .unwrap()
        .1
        .replace(&place.path().canonicalize().unwrap().display().to_string(), "PLACE");
    let mut parts = body.split("data:image/jpeg;base64,");
    let first = parts.next().unwrap().to_owned();
    first + &parts.map(|part| format!("DATA{}", &part[part.find('"').unwrap()..])).collect::<String>()
}

/// Every tag of a page with its attributes' names. Panics at a tag that our pages never contain.
fn check_tags(page: &str) {
    const TAGS: &str = "html head meta link title style body header main section div h1 h2 h3 p dl dt dd ul li figure img figcaption \
                        strong span bdi table thead tbody tr th td";
    const ATTRIBUTES: &str = "lang charset http-equiv content name rel href class src width height alt decoding role aria-label tabindex scope";
    let (tags, attributes): (BTreeSet<&str>, BTreeSet<&str>) =
        (TAGS.split(' ').collect(), ATTRIBUTES.split(' ').collect());
    let text = page.strip_prefix("<!DOCTYPE html>").expect("the newest HTML");
    for (at, _) in text.match_indices('<') {
        let inside = &text[at + 1..];
        let tag: String = inside.chars().take_while(|c| *c != '>' && !c.is_whitespace()).collect();
        assert!(tags.contains(tag.trim_start_matches('/')), "<{tag}");
        let mut rest = &inside[tag.len()..];
        while let Some(more) = rest.strip_prefix(' ') {
            let (name, value) = more.split_once("=\"").unwrap();
            assert!(attributes.contains(name), "<{tag} {name}");
            let (value, after) = value.split_once('"').unwrap();
            assert!(!["src", "href"].contains(&name) || value.starts_with("data:"), "{name}={value}");
            rest = after;
        }
        assert!(rest.starts_with('>'), "<{tag}{}", rest.chars().take(80).collect::<String>());
    }
    let style = text.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    assert!(!style.contains("url(") && !style.contains("@import"));
    assert!(text.contains("content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\""));
}

fn query(place: &Place, more: &[&str]) -> Outcome {
    place.run(&[&["query", "key.jpg", "animals", "--html", "page.html"], more].concat())
}

#[test]
fn results_are_a_page_with_settings_values_and_small_pictures() {
    let place = reckoned();
    let arguments = ["query", "key.jpg", "animals", "--descriptor", "full", "--knn", "2", "--html", "page.html"];
    let mut command = place.command(&arguments);
    let outcome = Outcome::of(command.env("SOURCE_DATE_EPOCH", "1795770840").output().unwrap()).exits(0);
    outcome.says(&["page.html: 3 pictures, "]);
    let page = page(&place, "page.html");
    check_tags(&page);
    assert!(
        page.contains("<html lang=\"en\">") && page.contains("<title>Similar to key.jpg – SIMages</title>"),
        "{page}"
    );
    let version = env!("CARGO_PKG_VERSION");
    let fact = |what: &str, is: &str| format!("<div><dt>{what}</dt><dd><bdi>{is}</bdi></dd></div>");
    let facts = [
        ("key", "PLACE/datasets/animals/key.jpg"),
        ("dataset", "PLACE/datasets/animals"),
        ("descriptor", "full"),
        ("metric", "cosine (similarity, larger is more similar)"),
        ("predicate", "kNN 2"),
        ("results", "2 of 3 pictures"),
        ("made", &format!("2026-11-27 09:14 UTC, by SIMages {version}")),
    ];
    let facts: String = facts.iter().map(|(what, is)| fact(what, is)).collect();
    let picture = |class: &str, what: &str, name: &str| {
        let bytes = fs::metadata(place.animals().join(name)).unwrap().len();
        format!(
            "<li class=\"{class}\"><figure><div class=\"frame\"><img src=\"DATA\" width=\"120\" height=\"141\" alt=\"{name}\" \
             decoding=\"async\"></div><figcaption><p class=\"what\">{what}</p><p class=\"name\"><bdi>{name}</bdi></p>\
             <p class=\"small\">120 × 141, {} kB</p><p class=\"small\"><bdi>PLACE/datasets/animals</bdi></p></figcaption></figure></li>",
            (bytes + 500) / 1000
        )
    };
    let pictures = [
        picture("picture lead", "<strong>key</strong>", "key.jpg"),
        picture("picture", "<strong>1</strong> <span class=\"value\">cosine 1.000</span>", "same.jpg"),
        picture("picture", "<strong>2</strong> <span class=\"value\">cosine 0.600</span>", "near.jpg"),
    ];
    let expected = format!(
        "<header><h1>Similar to key.jpg</h1><dl>{facts}</dl></header><main><section class=\"groups\"><div class=\"all\">\
         <div class=\"group\"><ul>{}</ul></div></div></section></main></body></html>",
        pictures.concat()
    );
    assert_eq!(body(&place, "page.html"), expected);
    // The small pictures can be decoded, and are no larger than their limit.
    let data = page.split("data:image/jpeg;base64,").nth(1).unwrap().split('"').next().unwrap();
    let jpeg = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, data).unwrap();
    assert_eq!(image::load_from_memory(&jpeg).unwrap().into_rgb8().dimensions(), (120, 141));
}

#[cfg(target_os = "linux")]
#[test]
fn hostile_names_are_text_and_nothing_else() {
    use std::os::unix::ffi::OsStrExt;
    let names: [&[u8]; 9] = [
        b"<script>alert(1)<!--.jpg",
        b"\"><img src=x onerror=alert(1)>.jpg",
        b"' onmouseover='alert(1).jpg",
        b"&lt;b&gt;&#60;.jpg",
        b"line\nbreak.jpg",
        "a\u{202e}gpj.exe.jpg".as_bytes(),
        b"caf\xe9.jpg",
        b"]]>--><!--.jpg",
        b"javascript:alert(1).jpg",
    ];
    let place = Place::with(&[DRAKE]);
    let folder = place.animals().join("<style>*{display:none}<").join("style>");
    fs::create_dir_all(&folder).unwrap();
    for name in names {
        fs::copy(starter(DRAKE), folder.join(std::ffi::OsStr::from_bytes(name))).unwrap();
    }
    fs::write(folder.join("<b>bad.jpg"), "<i>no picture</i>").unwrap();
    for command in ["query birds_drake.jpg animals --knn 99", "join animals animals --knn 9"] {
        let words = [&command.split(' ').collect::<Vec<_>>()[..], &["--html", "page.html", "--force"]].concat();
        place.run(&words).exits(0);
        let page = page(&place, "page.html");
        check_tags(&page);
        for shown in [
            "&lt;script&gt;alert(1)&lt;!--.jpg",
            "&quot;&gt;&lt;img src=x onerror=alert(1)&gt;.jpg",
            "&amp;lt;b&amp;gt;&amp;#60;.jpg",
            "line\\nbreak.jpg",
            "a\\u{202e}gpj.exe.jpg",
            "caf\\xe9.jpg",
            "/&lt;style&gt;*{display:none}&lt;/style&gt;",
        ] {
            assert!(page.contains(shown), "{command}: no {shown}");
        }
        assert!(!page.contains('\u{202e}') && !page.contains('\u{fffd}'));
    }
}

#[test]
fn a_page_holds_no_more_than_it_may_and_says_what_is_left_out() {
    let place = reckoned();
    query(&place, &["--html-limit", "2"]).exits(0).says(&[
        "page.html: 2 pictures",
        "2 pictures of 4 left out",
        "--html-limit",
    ]);
    let of = |text: &str| text.matches("<li ").count();
    let text = page(&place, "page.html");
    assert!(of(&text) == 2 && text.contains("This page shows the first 2 of 4 pictures"), "{text}");
    check_tags(&text);
    // The limit fits two pictures, but not three.
    let all = query(&place, &["--force", "--html-limit", "none"]).exits(0);
    assert!(!all.stderr.contains("left out"), "{}", all.stderr);
    let whole = page(&place, "page.html");
    let one = whole.split("<li ").nth(2).unwrap().len();
    let least = whole.len() - 4 * one;
    let limit = format!("{}kB", (least + 5 * one / 2 + 300) / 1000);
    query(&place, &["--force", "--html-limit", &limit]).exits(0).says(&["left out", "kB"]);
    let text = page(&place, "page.html");
    assert!(
        (1..4).contains(&of(&text)) && text.len() as u64 <= limit.trim_end_matches("kB").parse::<u64>().unwrap() * 1000
    );
    assert!(text.contains("larger than its limit"), "{text}");
    // A key without any of its results is useless.
    query(&place, &["--force", "--html-limit", "1"]).exits(0).says(&["page.html: 0 pictures"]);
    for wrong in ["0", "many", "5 pictures"] {
        query(&place, &["--force", "--html-limit", wrong]).exits(2).says(&["--html-limit"]);
    }
}

#[test]
fn what_is_there_is_replaced_only_by_force_and_pictures_and_descriptors_never() {
    let place = reckoned();
    fs::write(place.path().join("page.html"), "mine").unwrap();
    query(&place, &[]).exits(2).says(&["page.html: exists already; --force replaces it"]);
    assert_eq!(page(&place, "page.html"), "mine");
    query(&place, &["--force"]).exits(0);
    assert!(page(&place, "page.html").starts_with("<!DOCTYPE html>"));
    let write = |to: &str| place.run(&["query", "key.jpg", "animals", "--html", to, "--force"]);
    for never in ["datasets/animals/key.jpg", "new.png", "datasets/animals/features.npz", "datasets"] {
        write(never).exits(2).says(&[never]);
    }
    write("nowhere/page.html").exits(1).says(&["nowhere/page.html: no such file or folder"]);
    place.run(&["query", "key.jpg", "animals", "--force"]).exits(2).says(&["--html"]);
    place.run(&["query", "key.jpg", "animals", "--html-limit", "5"]).exits(2).says(&["--html"]);
    let names = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let left: Vec<_> = names.filter(|name| name.ends_with(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_join_is_pairs_side_by_side_and_records_only_where_they_are_asked_for() {
    let place = reckoned();
    let join =
        |more: &[&str]| place.run(&[&["join", "animals", "animals", "--force", "--html", "pairs.html"], more].concat());
    let alone = join(&["--knn", "1"]).exits(0);
    assert_eq!(alone.stdout, "");
    alone.says(&["4 results of 4 keys", "pairs.html: 8 pictures"]);
    let text = page(&place, "pairs.html");
    check_tags(&text);
    assert!(text.contains("<section class=\"pairs\">") && text.contains("<h1>animals ⋈ animals</h1>"), "{text}");
    let names: Vec<_> = text.split("alt=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let csv = join(&["--knn", "1", "--format", "csv"]).exits(0).stdout;
    let pairs = csv.lines().skip(1).flat_map(|line| [line.split(',').next().unwrap(), line.split(',').nth(2).unwrap()]);
    assert_eq!(names, pairs.collect::<Vec<_>>(), "in the order of the records");
    join(&["--knn", "1", "--html-limit", "5"]).exits(0).says(&["pairs.html: 4 pictures", "4 pictures of 8 left out"]);
    join(&["--range", "0.9", "--without"]).exits(2);
    join(&["--output", "pairs.html", "--format", "csv"]).exits(2).says(&["the same file"]);
    place.run(&["join", "animals", "animals", "--force"]).exits(2).says(&["--output or --html"]);
}

#[test]
fn copies_and_what_is_in_an_archive_are_pages_too() {
    let place = copies();
    let made = |command: &str| {
        let words = [&command.split(' ').collect::<Vec<_>>()[..], &["--html", "page.html", "--force"]].concat();
        place.run(&words).exits(0);
        let page = page(&place, "page.html");
        check_tags(&page);
        page
    };
    let groups = made("duplicates animals garden --quick");
    for part in [
        "<h3>Group 1: 4 pictures</h3>",
        "<strong>kept</strong>",
        "other format",
        "rotated/mirrored",
        "<strong>marked</strong>",
        "identical",
        "twin.jpg",
    ] {
        assert!(groups.contains(part), "no {part}");
    }
    assert!(groups.find("<strong>kept</strong>") < groups.find("<strong>marked</strong>"));
    let card = made("new garden animals");
    for part in [
        "<h2>There, but smaller: ",
        "<h2>There: ",
        "<h2>Can&#39;t be read: 1 picture</h2>",
        "broken.jpg",
        "frame unread",
        "archive",
    ] {
        let part = part.replace("&#39;", "'");
        assert!(card.contains(&part), "no {part}");
    }
    assert!(!card.contains("<h2>Not there"), "there are none");
    assert!(made("new animals garden").contains("<h2>Not there: 1 picture</h2>"));
}

#[test]
fn quality_is_tables_and_the_results_of_some_keys_from_the_worst_to_the_best() {
    let place = Place::with(&[]);
    let names = ["a_1.jpg", "a_2.jpg", "b_1.jpg", "b_2.jpg"];
    names.iter().for_each(|name| place.copy(DUCK, name));
    let values: [&[f32]; 4] = [&[1.0, 0.0], &[0.9, 1.0], &[0.0, 1.0], &[0.1, 1.0]];
    place.pretend_indexed(&names.into_iter().zip(values).collect::<Vec<_>>());
    let outcome =
        place.run(&["eval", "animals", "--descriptor", "full", "--labels", "prefix", "--html", "page.html"]).exits(0);
    assert!(outcome.stdout.contains("mAP"), "{}", outcome.stdout);
    let text = page(&place, "page.html");
    check_tags(&text);
    for part in [
        "<th scope=\"col\">R-precision</th>",
        "<th scope=\"row\">full</th>",
        "<td>0.",
        "another class: b",
        "average precision 1.000",
    ] {
        assert!(text.contains(part), "no {part}");
    }
    let precisions = text.split("average precision ").skip(1).filter_map(|rest| rest.get(..5)?.parse::<f64>().ok());
    let precisions: Vec<_> = precisions.collect();
    assert!(precisions.len() == 4 && precisions.is_sorted(), "{precisions:?}");
    assert!(!Path::new("page.html").exists());
}
