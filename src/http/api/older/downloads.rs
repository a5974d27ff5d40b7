//! Packages under the names that they had.

use http::request::Parts;

use crate::app::Desk;
use crate::domain::{Caller, ExportId};
use crate::endpoints;
use crate::http::api::downloads::download;
use crate::http::asked::Asked;
use crate::http::kit::{Answer, App, Blocks, Path, Query, Reply};
use crate::http::shared::Shared;
use crate::http::views::DownloadQuery;

/// Declares the download once more, under a path that it had.
macro_rules! download_at {
    ($name:ident = $path:literal) => {
        /// Download an export's package. Today: `GET /api/v1/exports/{id}/download`, of which this is the same
        /// in every respect.
        #[utoipa::path(get, path = $path, tag = "older",
            params(("id" = String, Path, description = "the export"), DownloadQuery,
                ("Range" = Option<String>, Header, description = "bytes=…, one range or up to 16"),
                ("If-Range" = Option<String>, Header, description = "the `ETag` or `Last-Modified` that the range is of")),
            responses(
                (status = 200, description = "the package", body = Vec<u8>, content_type = "application/zip"),
                (status = 206, description = "the ranges asked for", body = Vec<u8>, content_type = "application/zip"),
                (status = 304, description = "the caller has it"),
                (status = 403, description = "it is somebody else's"),
                (status = 404, description = "`JOB_NOT_FOUND`, `PACKAGE_NOT_READY` or `FILE_NOT_FOUND`: what was all `PACKAGE_NOT_FOUND` once"),
                (status = 410, description = "the package has expired"),
                (status = 412, description = "it is not the one asked for"),
                (status = 416, description = "it has no such bytes")))]
        pub async fn $name(
            desk: App<Desk>,
            blocks: App<Blocks>,
            caller: Caller,
            id: Path<ExportId>,
            query: Query<DownloadQuery>,
            asked: Asked,
            head: Parts,
        ) -> Answer<Reply> {
            download(desk, blocks, caller, id, query, asked, head).await
        }
    };
}

download_at!(job_download = "/v1/export-jobs/{id}/download");
download_at!(tool_download = "/api/tool-registry/export-jobs/{id}/download");
download_at!(data_download = "/api/exports/{id}/download");

endpoints!(Shared: job_download, tool_download, data_download);
