//! nginx in front: nobody can tell it from exportd itself, and it keeps away what it should.

mod alike;
mod attacks;
mod configured;
mod errors;
mod handing_over;
mod restarts;
mod secrets;

use crate::support::api::ExportHandle;
use crate::support::house::House;
use crate::support::project::noise;

/// A completed export of a project with `size` bytes that nothing compresses, and some more.
fn packed(house: &House, size: usize) -> ExportHandle {
    house
        .project("ada", "shop")
        .file("noise.bin", noise(size))
        .file("src/größe & co/ü?#.txt", "more than one byte per letter")
        .file("large.txt", "line after line\n".repeat(100_000));
    let export = house.user("ada").request("shop");
    export.completed();
    export
}

/// The path of a link to `export`.
fn link_of(export: &ExportHandle, wanted: &serde_json::Value) -> String {
    let url = export.api.post(&export.path("/links"), wanted).expect(201).text("/url");
    url[url.find("/d/").expect("a link")..].to_owned()
}
