// The scripted session of drivers (see session_test.go) by mysql2 or the MariaDB
// connector. Arguments: driver host port user password instance [ca.pem].
import { readFileSync } from "node:fs";

const [driver, host, port, user, password, instance, ca] = process.argv.slice(2);
const long = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000) SELECT COUNT(*) FROM n";
const options = { host, port: Number(port), user, password };
if (ca) options.ssl = { ca: readFileSync(ca) };

// What the drivers do differently: mysql2 wraps rows, hides its socket
// elsewhere and names changing the database otherwise.
const drivers = {
  mysql2: async () => {
    const { createConnection } = await import("mysql2/promise");
    return async () => {
      const c = await createConnection(options);
      return {
        encrypted: () => Boolean(c.connection.stream.encrypted),
        thread: c.threadId,
        ping: () => c.ping(),
        reset: () => c.reset(),
        changeUser: () => c.changeUser({ user, password }),
        query: async (text, args) => (await c.query(text, args))[0],
        execute: async (text, args) => (await c.execute(text, args))[0],
        end: () => c.end(),
      };
    };
  },
  mariadb: async () => {
    const { createConnection } = await import("mariadb");
    return async () => {
      const c = await createConnection({ ...options, bigIntAsNumber: true, allowPublicKeyRetrieval: true });
      const cipher = async () => (await c.query("SHOW STATUS LIKE 'Ssl_cipher'"))[0]?.Value;
      return {
        encrypted: async () => Boolean(await cipher()),
        thread: c.threadId,
        ping: () => c.ping(),
        reset: () => c.reset(),
        query: (text, args) => c.query(text, args),
        execute: (text, args) => c.execute(text, args),
        end: () => c.end(),
      };
    };
  },
};

const connect = await drivers[driver]();
const session = await connect();

const clusters = async () => (await session.query("SHOW CLUSTERS")).map((row) => `${row.Cluster} ${row.Status}`).join(" ");

async function failure(text) {
  try {
    await session.query(text);
    return "none";
  } catch (error) {
    return `${error.errno} ${error.sqlState}`;
  }
}

// killed is the error of a statement that another connection kills once it runs.
async function killed() {
  const other = await connect();
  let ended = false;
  const outcome = failure(long).finally(() => (ended = true));
  const running = "SELECT id FROM information_schema.processlist WHERE id = ? AND info LIKE 'WITH RECURSIVE%'";
  while (!ended && (await other.execute(running, [session.thread])).length === 0);
  await other.query(`KILL QUERY ${session.thread}`);
  await other.end();
  return outcome;
}

console.log("encrypted:", (await session.encrypted()) ? "yes" : "no");
await session.ping();
await session.query(`USE \`${instance}\``);
const database = (await session.query("SELECT DATABASE() AS d"))[0].d;
console.log("database is the instance:", database === instance ? "yes" : "no");
console.log("clusters:", await clusters());
await session.query("ALTER CLUSTER compute_1 SET STATUS 'SUSPENDED'");
console.log("clusters:", await clusters());
console.log("refused state change:", await failure("ALTER CLUSTER compute_1 SET STATUS 'SUSPENDED'"));
console.log("no such cluster:", await failure("DROP CLUSTER none_such"));
console.log("no such instance:", await failure("USE none_such"));
console.log("syntax:", await failure("ALTER CLUSTER compute_1 SET"));
await session.execute("ALTER CLUSTER ? SET STATUS ?", ["compute_1", "TO_RESUME"]);
const [row] = await session.execute(
  "SELECT cluster_name, status, '' AS empty, NULL AS none FROM clusters WHERE cluster_name = ? LIMIT ?",
  ["compute_1", 1],
);
console.log("prepared:", row.cluster_name, row.status, JSON.stringify(row.empty), row.none === null ? "null" : "not null");
console.log("killed:", await killed());
console.log("alive:", (await session.query("SELECT 1 AS one"))[0].one);
await session.reset();
console.log("alive after reset:", (await session.query("SELECT 1 AS one"))[0].one);
if (session.changeUser) {
  // The MariaDB connector does so with MariaDB servers only.
  await session.changeUser();
  console.log("alive after change of user:", (await session.query("SELECT 1 AS one"))[0].one);
}
await session.end();
