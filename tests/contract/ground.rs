//! A house in which most calls have something to be about.

use serde_json::{Value, json};

use crate::support::git::Repository;
use crate::support::house::House;

/// A house with a project in two versions, an export of it and a link to that; and what stands for each parameter of a
/// path.
pub struct Ground {
    /// The house.
    pub house: House,
    known: Vec<(&'static str, String)>,
}

impl Ground {
    pub fn new() -> Self {
        let house = House::with(|settings| {
            settings.projects.allowed_roots = vec![settings.projects.root.clone()];
        });
        let shop = Repository::new(house.settings().projects.root.join("ada/shop"));
        shop.file("README.md", "# Shop\n").commit("Begin");
        shop.git(&["tag", "v1.1.0"]);
        shop.file("src/main.rs", "fn main() {}\n").commit("Open the shop");
        shop.git(&["tag", "v1.2.0"]);
        let ada = house.user("ada");
        let export = ada.request("shop");
        export.completed();
        let link = ada.post(&export.path("/links"), &json!({})).expect(201);
        let token = ada.post("/api/v1/tokens", &json!({"name": "a", "scopes": ["exports:read"]})).expect(201);
        let secret = link.text("/url").rsplit('/').next().expect("an address").to_owned();
        let known = vec![
            ("{linkId}", link.text("/id")),
            ("{tokenId}", token.text("/id")),
            ("{token}", secret),
            ("{projectId}", "shop".to_owned()),
            ("{versionId}", "v1".to_owned()),
            ("{userId}", "eve".to_owned()),
            ("{path}", "README.md".to_owned()),
            ("{file}", "docs.js".to_owned()),
            ("{id}", export.id),
        ];
        Self { house, known }
    }

    /// The document, as the house gives it.
    pub fn document(&self) -> Value {
        self.house.user("ada").get("/api/openapi.json").expect(200).json()
    }

    /// `path` of the document, about something that is there.
    pub fn place(&self, path: &str) -> String {
        let of_template = path.starts_with("/api/v1/templates/");
        let path = if of_template { path.replace("{id}", "weekly-usage") } else { path.to_owned() };
        self.known.iter().fold(path, |path, (name, value)| path.replace(name, value))
    }
}
