// Fetching a package: by the browser's own downloads, or by the programs people like.

import { fill, h, icon } from "./dom.js";
import { attempt, copyable, sentence, toast } from "./parts.js";
import { address, outside, refusal } from "./server.js";

/** In quotes that a shell takes for nothing else. */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The button that downloads; where that cannot be, it says why. */
export function download(found, size = "") {
  const path = address(`/exports/${found.id}/download`);
  const small = size === "small";
  if (found.status !== "completed") {
    const why =
      found.status === "expired" ? "It has expired: its package is deleted." : "There is no package.";
    return h(
      "div",
      { class: "stack" },
      h(
        "button",
        { type: "button", class: "primary", disabled: true, "aria-describedby": "why" },
        icon("download"),
        "Download",
      ),
      h("p", { class: "hint", id: "why" }, why),
    );
  }
  const link = h(
    "a",
    {
      class: small ? "button" : "button primary",
      href: path,
      download: found.fileName,
      "data-key": "download",
      "aria-label": small ? `Download: ${found.fileName}` : null,
    },
    icon("download"),
    "Download",
  );
  link.addEventListener("click", (event) => {
    if (link.dataset.sure || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    attempt(() => fetched(link));
  });
  return link;
}

/** A browser would only say that a download failed; the server says why. */
async function fetched(link) {
  const refused = await refusal(link.getAttribute("href").replace(address(""), ""));
  if (refused) return toast("bad", told(refused));
  link.dataset.sure = "yes";
  link.click();
  delete link.dataset.sure;
  return undefined;
}

function told({ status, message }) {
  const known = {
    403: "This package is not yours to download.",
    404: "This package is not there any more. Ask for it again.",
    410: "This package has expired. Ask for it again.",
    429: "That were too many downloads for now. Try again in a moment.",
  };
  return known[status] ?? sentence(message);
}

/** Lines that fetch `url` and check what came; with a token's place unless the address is enough. */
export function lines(found, url, { withToken = true, password = false } = {}) {
  const [name, at] = [quoted(found.fileName), quoted(url)];
  const header = withToken
    ? ' -H "Authorization: Bearer $EXPORTD_TOKEN"'
    : password
      ? ' -u "link:$LINK_PASSWORD"'
      : "";
  const ofWget = withToken
    ? ' --header="Authorization: Bearer $EXPORTD_TOKEN"'
    : password
      ? ' --auth-no-challenge --user=link --password="$LINK_PASSWORD"'
      : "";
  const ofAria = withToken
    ? ofWget
    : password
      ? ' --http-user=link --http-passwd="$LINK_PASSWORD" --http-auth-challenge=false'
      : "";
  const checked = found.checksum ? ` --checksum=sha-256=${found.checksum}` : "";
  return [
    ["curl", `curl -fL -C - -o ${name}${header} ${at}`],
    ["wget", `wget -c -O ${name}${ofWget} ${at}`],
    ["aria2", `aria2c -c -x 4 -o ${name}${checked}${ofAria} ${at}`],
    ...(found.checksum ? [["Check it", `echo "${found.checksum}  "${name} | sha256sum -c`]] : []),
  ];
}

/** The same, to be copied. */
export function commands(found, url = outside(address(`/exports/${found.id}/download`)), options = {}) {
  const hint =
    options.withToken === false
      ? null
      : h(
          "p",
          { class: "hint" },
          "Put your token into the variable EXPORTD_TOKEN first. A download that breaks off goes on where it was.",
        );
  return fill(
    h("div", { class: "stack" }),
    hint,
    lines(found, url, options).map(([tool, line]) => copyable(tool, line)),
  );
}
