// The page's line to the playground: posts, and a stream of events that reconnects by itself.

export async function state(user) {
  const answer = await fetch(`app/state?user=${user}`);
  if (!answer.ok) throw new Error("nobody");
  return answer.json();
}

export async function post(deed, facts, pictures = []) {
  const options = { method: "POST" };
  if (pictures.length) {
    options.body = new FormData();
    options.body.append("facts", JSON.stringify(facts));
    for (const picture of pictures) options.body.append("picture", picture);
  } else {
    options.headers = { "Content-Type": "application/json" };
    options.body = JSON.stringify(facts);
  }
  let answer;
  try {
    answer = await fetch(`app/${deed}`, options);
  } catch {
    throw new Error("The playground does not answer. Is it still running?");
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.fault || `The playground answered ${answer.status}.`);
  return body;
}

export function listen(user, { onEvent, onUp, onDown }) {
  const source = new EventSource(`app/events?user=${user}`);
  source.onopen = onUp;
  source.onerror = onDown;
  source.onmessage = (event) => onEvent(JSON.parse(event.data));
  return () => source.close();
}
