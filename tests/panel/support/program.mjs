// A program to run as an agent.

/** Greets, and falls over when asked to. */
export const PROGRAM = `import json, os, sys
for line in sys.stdin:
    message = json.loads(line)
    method, params = message["method"], message.get("params") or {}
    if method == "shutdown":
        break
    if method == "fall":
        print("the ladder slipped", file=sys.stderr, flush=True)
        os._exit(3)
    if "id" in message:
        result = {"text": "Hello, " + params.get("name", "you")} if method == "greet" else {}
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
`;
