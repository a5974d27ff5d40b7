//! Asking for data: which data set is meant, may they, and are its parameters what they should be?

use serde_json::Value;

use crate::datasets::{DataSet, ParameterFault, UnmaskedFor};
use crate::domain::{Caller, Compression, Format, Kind, Options, Pins, Selection, TemplateKey};
use crate::reports::Template;

use super::requesting::Wanted;
use super::{Exports, Misfit, RequestError};

impl Exports {
    /// The data sets that the caller may ask for, in the order they are declared.
    pub fn datasets(&self, caller: &Caller) -> impl Iterator<Item = &DataSet> {
        let is_admin = is_admin_for_themselves(caller);
        self.datasets
            .all()
            .filter(move |set| set.is_for(&caller.user, is_admin) && (set.kind() != Kind::Bulk || is_admin))
    }

    /// The data set that `selection` is of; nothing for kinds that are not of data.
    ///
    /// # Errors
    /// When there is none that the caller may ask for.
    fn data_set(&self, caller: &Caller, selection: &Selection) -> Result<Option<&DataSet>, RequestError> {
        let kind = selection.kind();
        let found = match selection {
            Selection::Project(_) => return Ok(None),
            Selection::Analytics(selector) => match self.datasets.report(&selector.report) {
                None if self.datasets.all().any(|set| set.kind() == Kind::Analytics) => {
                    return Err(RequestError::Misfits(vec![self.no_report(caller)]));
                }
                found => found,
            },
            Selection::Custom(selector) => {
                let unknown = || RequestError::NoDataSet(selector.dataset.clone());
                let named = self.datasets.find(&selector.dataset).filter(|set| set.kind() == Kind::Custom);
                Some(named.ok_or_else(unknown)?)
            }
            Selection::UserData(_)
            | Selection::Conversation(_)
            | Selection::Trace(_)
            | Selection::Bulk(_) => self.datasets.of_kind(kind),
        };
        let set = found.ok_or(RequestError::NoDataOf(kind))?;
        let is_admin = is_admin_for_themselves(caller);
        if !set.is_for(&caller.user, is_admin) || (kind == Kind::Bulk && !is_admin) {
            return Err(RequestError::NotYours(set.name().to_owned()));
        }
        Ok(Some(set))
    }

    fn no_report(&self, caller: &Caller) -> Misfit {
        let is_admin = is_admin_for_themselves(caller);
        let reports = self.datasets.all().filter(|set| set.is_for(&caller.user, is_admin));
        let reports: Vec<_> = reports.filter_map(DataSet::report).collect();
        Misfit::new("/selector/report", format!("is no report; there are {}", reports.join(", ")))
    }

    /// What people call the data that are asked for, once everything about them is as it should be;
    /// nothing for kinds that are not of data.
    ///
    /// # Errors
    /// When the data set is not there, not for the caller, or its parameters are not what they
    /// should be.
    pub(super) fn judge_data(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        format: Format,
    ) -> Result<Option<String>, RequestError> {
        let set = self.data_set(caller, &wanted.selection)?;
        let kind = wanted.selection.kind();
        let mut misfits = of_options(&wanted.options, caller, &wanted.selection, format);
        if let Some(Err(faults)) = set.map(|set| set.selected(&wanted.selection)) {
            let misfit = |fault: ParameterFault| Misfit::new(pointer_to(kind, &fault), fault.why);
            misfits.extend(faults.into_iter().map(misfit));
        }
        match misfits.is_empty() {
            true => Ok(set.map(|set| set.title().to_owned())),
            false => Err(RequestError::Misfits(misfits)),
        }
    }

    /// What is settled about data when they are asked for: whether personal data are shown, and the
    /// template as it is now.
    ///
    /// # Errors
    /// As [`Exports::judge_data`], and when there is no such template.
    pub(super) async fn data_pins(&self, caller: &Caller, wanted: &Wanted) -> Result<Pins, RequestError> {
        let Some(set) = self.data_set(caller, &wanted.selection)? else { return Ok(Pins::default()) };
        let unmasked = match set.unmasked_for() {
            UnmaskedFor::Owner => true,
            UnmaskedFor::Admins => is_admin_for_themselves(caller),
            UnmaskedFor::Nobody => false,
        };
        let template = match &wanted.options.template {
            None => None,
            Some(template) => Some(self.template(caller, template, set).await?),
        };
        Ok(Pins { unmasked, template, ..Pins::default() })
    }

    async fn template(&self, caller: &Caller, named: &str, set: &DataSet) -> Result<Value, RequestError> {
        let misfit = |why| Err(RequestError::Misfits(vec![Misfit::new("/template", why)]));
        let found = match named.parse::<TemplateKey>() {
            Ok(key) => self.templates.find(caller, &key).await?,
            Err(_) => None,
        };
        let Some(template) = found else {
            return misfit(format!(
                "names no template that you may use: `{named}`; `GET /api/v1/templates` lists them"
            ));
        };
        // What is stored is right; a version that reads templates otherwise tells what is wrong now.
        match Template::read(template.body.clone()) {
            Ok(read) if read.is_for(set.kind(), set.name()) => Ok(template.body),
            Ok(_) => misfit(format!("`{named}` is not for the data set {}", set.name())),
            Err(faults) => misfit(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
        }
    }
}

/// Whether the caller is an admin and what they ask for will be their own: what an admin asks for in
/// another's name becomes that other's, who may not see what admins may.
fn is_admin_for_themselves(caller: &Caller) -> bool {
    caller.is_admin() && caller.acting.is_none()
}

/// Where a request says what the parameter is bound to that `fault` is about.
fn pointer_to(kind: Kind, fault: &ParameterFault) -> String {
    let place = fault.place.map(|place| format!("/{place}")).unwrap_or_default();
    let member = match &*fault.name {
        name if kind == Kind::Custom => {
            return format!("/selector/parameters/{}{place}", name.replace('~', "~0").replace('/', "~1"));
        }
        "start" => "dateRange/start",
        "end" => "dateRange/end",
        "conversation_ids" => "conversationIds",
        "widget_session_ids" => "widgetSessionIds",
        "trace_ids" => "traceIds",
        other => other,
    };
    format!("/selector/{member}{place}")
}

/// What of `options` makes no sense for this selection in `format`.
fn of_options(options: &Options, caller: &Caller, selection: &Selection, format: Format) -> Vec<Misfit> {
    let is_data = selection.kind() != Kind::Project;
    let mut misfits = Vec::new();
    let mut unless = |fits: bool, pointer: &str, why: String| {
        if !fits {
            misfits.push(Misfit::new(pointer, why));
        }
    };
    let compression = options.compression();
    unless(
        compression == Compression::None || format.archive().is_none(),
        "/options/compression",
        format!("is for documents; {format} is compressed by itself"),
    );
    unless(
        is_data || (options.include_metadata.is_none() && options.include_system_fields.is_none()),
        "/options",
        "has members that are for data alone".to_owned(),
    );
    unless(
        options.include_system_fields != Some(true) || is_admin_for_themselves(caller),
        "/options/includeSystemFields",
        "is for admins".to_owned(),
    );
    unless(
        options.bom.is_none() || format == Format::Csv,
        "/options/bom",
        format!("is for csv, not {format}"),
    );
    let is_report = matches!(format, Format::Html | Format::Pdf | Format::Markdown);
    unless(
        options.template.is_none() || is_report,
        "/template",
        format!("is for html, pdf and markdown, not {format}"),
    );
    misfits
}
