//! Row security: on PostgreSQL nobody's query reaches another's rows, whatever it forgets.

mod cheating;
mod flow;
mod forgetting;
mod roles;
mod tables;
mod templates;

use serde_json::json;

use crate::support::api::ExportHandle;
use crate::support::house::House;
use crate::support::postgres::OwnDatabase;

/// A database whose owner is not the server, and a house that keeps its rows there.
///
/// Fields are dropped in this order.
struct Scene {
    house: House,
    rows: OwnDatabase,
}

impl Scene {
    fn set() -> Self {
        let rows = OwnDatabase::with_roles();
        Self { house: Self::another(&rows), rows }
    }

    /// One more server on the same rows.
    fn another(rows: &OwnDatabase) -> House {
        House::with(|settings| {
            settings.database = rows.config();
            settings.database.require_row_security = true;
        })
    }

    /// Rows of `user`'s in every table that has some: a project `{user}secret` with a version, its
    /// export, a link of one download, which was used, and a reply that is kept.
    fn furnish(&self, user: &str) -> ExportHandle {
        let (house, project) = (&self.house, format!("{user}secret"));
        let api = house.user(user);
        house.project(user, &project).file("a", "a");
        let folder = house.settings().projects.root.join(user).join(&project);
        let source = json!({"name": project, "source": {"type": "directory", "path": folder}});
        api.put(&format!("/api/v1/projects/{project}"), &source).expect(200);
        api.put(&format!("/api/v1/projects/{project}/versions/v1"), &json!({"path": folder})).expect(200);
        let wanted = crate::support::api::wanted(&project);
        let asked = api.post_with("/api/v1/exports", &wanted, &[("idempotency-key", "once")]);
        let export = api.export(&asked.expect(202).text("/id"));
        export.completed();
        export.download(&[]).expect(200);
        let link = api.post(&export.path("/links"), &json!({"maxDownloads": 2})).expect(201);
        let url = link.text("/url");
        let path = &url[url.find("/d/").expect("a link's address")..];
        api.anonymous().get(path).expect(200);
        let rules = json!({"rules": [{"kind": "project", "format": "tar.gz", "allow": false}]});
        house.admin().put(&format!("/api/v1/admin/permissions/{user}"), &rules).expect(200);
        export.until("both downloads are counted", |export| export["downloadCount"] == 2);
        export
    }
}
