//! PDF by the tools of poppler and qpdf.

use super::*;

/// The text of a document, laid out as it is on its pages, or in the order it was written.
fn text_of(document: &Document, how: &str) -> String {
    output("pdftotext", [how, "-enc", "UTF-8", name(&document.path), "-"])
}

/// Whether qpdf finds it sound, and all its fonts are parts of fonts and inside it.
fn assert_sound(document: &Document) {
    let checked = output("qpdf", ["--check", name(&document.path)]);
    assert!(checked.contains("No syntax or stream encoding errors"), "{checked}");
    let fonts = output("pdffonts", [name(&document.path)]);
    for font in fonts.lines().skip(2) {
        let kept =
            font.contains(" yes yes yes ") || font.contains("Type 3") && font.contains(" yes no  yes ");
        assert!(kept, "{font}");
    }
}

fn fact(document: &Document, fact: &str) -> String {
    let facts = output("pdfinfo", ["-isodates", name(&document.path)]);
    let of = |line: &str| {
        line.split_once(':').filter(|(name, _)| *name == fact).map(|(_, value)| value.trim().to_owned())
    };
    facts.lines().find_map(of).unwrap_or_else(|| panic!("no {fact}: {facts}"))
}

fn numbered(rows: usize) -> Vec<Vec<String>> {
    (1..=rows).map(|row| vec![format!("row{row:05}"), "some words of it".to_owned()]).collect()
}

#[test]
fn a_table_goes_on_from_page_to_page_under_its_head_and_no_row_is_lost() {
    let document = table(Format::Pdf, &with_own_fonts(), &["Number", "What it says"], &numbered(1_000));
    assert_sound(&document);
    assert_eq!(document.told, [""; 0]);
    assert_eq!(fact(&document, "Title"), "Ελλάδα & more");
    assert_eq!(fact(&document, "CreationDate"), "2026-11-21T10:20:30Z");
    assert_eq!(fact(&document, "Tagged"), "yes");
    let text = text_of(&document, "-layout");
    let pages: Vec<_> = text.trim_end_matches('\u{c}').split('\u{c}').collect();
    assert_eq!(fact(&document, "Pages"), pages.len().to_string());
    assert!((10..40).contains(&pages.len()), "{} pages", pages.len());
    for (nth, page) in pages.iter().enumerate() {
        assert_eq!(page.matches("What it says").count(), 1, "page {nth}: {page}");
        assert!(page.trim_end().ends_with(&format!("page {}", nth + 1)), "{page}");
    }
    let found: Vec<_> = text.split_whitespace().filter(|word| word.starts_with("row0")).collect();
    let written: Vec<_> = numbered(1_000).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(found, written);
}

#[test]
fn the_same_rows_are_the_same_bytes() {
    let write = || table(Format::Pdf, &with_all_fonts(), &["漢字", "b"], &numbered(50));
    assert!(write().bytes == write().bytes);
}

#[test]
fn text_of_every_script_can_be_found_again() {
    let texts = [
        "The quick brown fox → jumps ✓",
        "Ξεσκεπάζω την ψυχοφθόρα",
        "Съешь же ещё этих мягких",
        "我能吞下玻璃而不伤身体。",
        "私はガラスを食べられます。",
        "나는 유리를 먹을 수 있어요",
        "אני יכול לאכול זכוכית",
        "أنا قادر على أكل الزجاج",
        "मैं काँच खा सकता हूँ",
        "ฉันกินกระจกได้",
        "𒀀𒀁𒀂",
        "🎉👩🏽‍💻🇩🇪",
    ];
    let rows: Vec<_> = texts.iter().map(|text| vec![(*text).to_owned()]).collect();
    let document = table(Format::Pdf, &with_all_fonts(), &["text"], &rows);
    assert_sound(&document);
    assert_eq!(document.told, [""; 0]);
    // Marks of direction, which the tool adds, are none of the text.
    let is_mark = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}');
    let text: String = text_of(&document, "-layout").chars().filter(|c| !is_mark(*c)).collect();
    for expected in texts {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn a_machine_without_fonts_writes_europe_and_tells_what_it_cannot() {
    let rows: Vec<_> = ["Zażółć", "Ξεσκεπάζω", "Съешь", "漢字"].map(|text| vec![text.to_owned()]).into();
    let document = table(Format::Pdf, &with_own_fonts(), &["text"], &rows);
    assert_sound(&document);
    let [told] = document.told.as_slice() else { panic!("{:?}", document.told) };
    assert!(told.starts_with("2 characters without a glyph") && told.ends_with("such as U+6F22"), "{told}");
    let text = text_of(&document, "-raw");
    for [expected] in rows.iter().map(|row| [row[0].as_str()]) {
        assert!(text.contains(expected), "{expected} can still be copied: {text}");
    }
}

#[test]
fn fonts_of_a_folder_are_used_and_what_is_no_font_is_passed_over() {
    let folder = TempDir::new().expect("a folder");
    let own = include_bytes!("../../assets/fonts/DejaVuSansCondensed.ttf");
    std::fs::write(folder.path().join("noise.ttf"), b"no font at all").expect("written");
    std::fs::write(folder.path().join("half.otf"), &own[..3_000]).expect("written");
    std::fs::write(folder.path().join("empty.ttc"), b"").expect("written");
    let han = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
    std::os::unix::fs::symlink(han, folder.path().join("han.ttc")).expect("linked");
    let options = options(Fonts::new(vec![folder.path().to_owned(), "/not/there".into()]));
    let document = table(Format::Pdf, &options, &["text"], &[vec!["漢字 한글 かな Latin".to_owned()]]);
    assert_sound(&document);
    assert_eq!(document.told, [""; 0]);
    assert!(output("pdffonts", [name(&document.path)]).contains("NotoSansCJK"));
}

#[test]
fn hostile_cells_lose_nothing_and_are_told() {
    let document = table(Format::Pdf, &with_all_fonts(), &["a", "b", "c"], &hostile());
    assert_sound(&document);
    let [replaced, unshown] = document.told.as_slice() else { panic!("{:?}", document.told) };
    assert!(replaced.contains("that text cannot hold") && replaced.ends_with("U+0000"), "{replaced}");
    assert!(unshown.contains("without a glyph"), "{unshown}");
    let text = text_of(&document, "-raw");
    assert_eq!(text.matches("after").count(), hostile().len());
    let (exes, words) = (text.matches('x').count(), text.matches("word").count());
    assert!(exes >= 20_000 && words == 8_000, "{exes} {words}");
}

#[test]
fn wide_tables_lie_on_their_side_and_wider_ones_are_records() {
    let titles: Vec<_> = (0..29).map(|nth| format!("attribute{nth}")).collect();
    let titles: Vec<_> = titles.iter().map(String::as_str).collect();
    let row = vec![(0..29).map(|nth| format!("value number {nth}")).collect::<Vec<_>>()];
    let wide = table(Format::Pdf, &with_own_fonts(), &titles[..12], &[row[0][..12].to_vec()]);
    assert!(fact(&wide, "Page size").starts_with("841.89 x 595.28"));
    let records = table(Format::Pdf, &with_own_fonts(), &titles, &row);
    assert!(fact(&records, "Page size").starts_with("595.28 x 841.89"));
    let text = text_of(&records, "-layout");
    for nth in 0..29 {
        let line = text.lines().find(|line| line.starts_with(&format!("attribute{nth} ")));
        assert!(line.is_some_and(|line| line.ends_with(&format!(" value number {nth}"))), "{text}");
    }
}

#[test]
fn headings_are_bookmarks_and_parts_for_screen_readers() {
    let document = of_blocks(Format::Pdf, &with_own_fonts(), |blocks| {
        blocks.title("Report", &[]).expect("written");
        for chart in charts() {
            blocks.heading(2, &chart.title).expect("written");
            blocks.heading(3, "Beneath").expect("written");
            blocks.list(&["a point".to_owned()]).expect("written");
            blocks.chart(&chart).expect("written");
        }
    });
    assert_sound(&document);
    assert_eq!(document.told, [""; 0]);
    let structure = output("pdfinfo", ["-struct-text", name(&document.path)]);
    for part in ["H1", "H2", "H3", "Figure", "Table", "TH", "TD", "LI"] {
        let found = structure.lines().any(|line| line.trim().split([' ', ':', '(']).next() == Some(part));
        assert!(found, "{part} is not in {structure}");
    }
    let json = output("qpdf", ["--json=2", "--json-key=outlines", name(&document.path)]);
    for bookmark in ["Report", "Bar chart", "Line chart", "Pie chart", "Beneath"] {
        assert!(json.contains(&format!("\"title\": \"{bookmark}\"")), "{json}");
    }
}
