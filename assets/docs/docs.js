// Shows the API's document and tries its calls: by the session of whoever is signed in, or by a token
// that they paste under "Authorize". The token stays in this tab and is forgotten with it.

// Seen from /api-docs, wherever a proxy may have put that.
const session = () => fetch("api/v1/session", { credentials: "same-origin" })
  .then((reply) => (reply.ok ? reply.json() : null));

const says = (headers, name) => Object.keys(headers).some((key) => key.toLowerCase() === name);

// The document names the address that the server is known by; this page may only ask where it is from.
const here = (url) => {
  const meant = new URL(url, location.href);
  return location.origin + meant.pathname + meant.search;
};

// A change by session cookie needs what only a page of this server is told.
async function prepared(request) {
  request.url = here(request.url);
  request.headers ??= {};
  const changes = !["GET", "HEAD"].includes((request.method ?? "GET").toUpperCase());
  if (changes && !says(request.headers, "authorization")) {
    const signedIn = await session();
    if (signedIn) {
      request.headers["X-CSRF-Token"] = signedIn.csrfToken;
    }
  }
  return request;
}

async function tellWho() {
  const signedIn = await session();
  document.getElementById("who").textContent = signedIn
    ? `Signed in as ${signedIn.user}. Calls are made in that name.`
    : "Not signed in: paste a token under “Authorize”, or sign in on the page.";
}

window.ui = SwaggerUIBundle({
  url: "api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: "none",
  filter: true,
  requestInterceptor: prepared,
  tryItOutEnabled: true,
  validatorUrl: null,
});
tellWho();
