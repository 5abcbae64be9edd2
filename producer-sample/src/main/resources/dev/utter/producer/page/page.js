"use strict";
const rows = new Map();
const $ = id => document.getElementById(id);

$("form").addEventListener("submit", async event => {
  event.preventDefault();
  $("speak").disabled = true;
  try {
    const answer = await fetch("/requests", {
      method: "POST",
      headers: {"Content-Type": "application/json"},
      body: JSON.stringify({text: $("text").value, speaker: Number($("speaker").value), priority: $("priority").value}),
    });
    $("problem").textContent = answer.ok ? "" : await answer.text();
  } catch (failure) {
    $("problem").textContent = "The page's server does not answer.";
  } finally {
    $("speak").disabled = false;
  }
});

function show(request) {
  let row = rows.get(request.requestId);
  if (!row) {
    row = document.createElement("tr");
    for (let i = 0; i < 5; i++) row.append(document.createElement("td"));
    rows.set(request.requestId, row);
    $("rows").prepend(row);
  }
  const [id, state, seconds, mark, clip] = row.children;
  id.textContent = request.requestId;
  state.textContent = request.code ? `${request.code}: ${request.message}` : request.state;
  if (request.refusedCode) state.textContent += ` (refused: ${request.refusedCode}, ${request.refusedMessage})`;
  state.className = request.state;
  seconds.textContent = request.durationMillis === undefined ? "" : (request.durationMillis / 1000).toFixed(2);
  mark.textContent = request.verdict || "";
  if (request.key && !clip.firstChild) {
    const player = document.createElement("audio");
    player.controls = true;
    player.preload = "none";
    player.setAttribute("aria-label", "Clip of " + request.requestId);
    player.src = "/clips/" + encodeURIComponent(request.requestId);
    clip.append(player);
  }
}

async function refresh() {
  try {
    const answer = await fetch("/requests");
    if (answer.ok) (await answer.json()).reverse().forEach(show);
  } catch (failure) {
    // The next round tries again.
  }
  setTimeout(refresh, 1000);
}
refresh();
