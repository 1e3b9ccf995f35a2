"""The scripted session of drivers (see session_test.go) by PyMySQL.

Arguments: host port user password instance [ca.pem].
"""

import sys
import threading

import pymysql

host, port, user, password, instance = sys.argv[1:6]
ca = sys.argv[6] if len(sys.argv) > 6 else None
LONG = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000)"
        " SELECT COUNT(*) FROM n")


def connect():
    return pymysql.connect(host=host, port=int(port), user=user, password=password,
                           ssl={"ca": ca} if ca else None, connect_timeout=20, read_timeout=60)


def query(connection, text, args=None):
    with connection.cursor(pymysql.cursors.DictCursor) as cursor:
        cursor.execute(text, args)
        return cursor.fetchall()


def clusters(connection):
    return " ".join(f"{row['Cluster']} {row['Status']}" for row in query(connection, "SHOW CLUSTERS"))


def number(connection, text):
    try:
        query(connection, text)
    except pymysql.MySQLError as error:
        return error.args[0]
    return "none"


def killed(connection):
    """The error of a statement that another connection kills once it runs."""
    errors = []
    runner = threading.Thread(target=lambda: errors.append(number(connection, LONG)))
    with connect() as other:
        running = "SELECT id FROM information_schema.processlist WHERE id = %s AND info LIKE 'WITH RECURSIVE%%'"
        runner.start()
        while runner.is_alive() and not query(other, running, (connection.thread_id(),)):
            pass
        query(other, "KILL QUERY %s", (connection.thread_id(),))
    runner.join()
    return errors[0]


with connect() as session:
    print("encrypted:", "yes" if session._secure else "no")
    session.ping(reconnect=False)
    session.select_db(instance)
    print("database is the instance:", "yes" if query(session, "SELECT DATABASE() AS d")[0]["d"] == instance else "no")
    print("clusters:", clusters(session))
    query(session, "ALTER CLUSTER compute_1 SET STATUS 'SUSPENDED'")
    print("clusters:", clusters(session))
    print("refused state change:", number(session, "ALTER CLUSTER compute_1 SET STATUS 'SUSPENDED'"))
    print("no such cluster:", number(session, "DROP CLUSTER none_such"))
    print("no such instance:", number(session, "USE none_such"))
    print("syntax:", number(session, "ALTER CLUSTER compute_1 SET"))
    query(session, "ALTER CLUSTER %s SET STATUS %s", ("compute_1", "TO_RESUME"))
    row = query(session, "SELECT cluster_name, status, '' AS empty, NULL AS none FROM clusters WHERE cluster_name = %s", ("compute_1",))[0]
    print("prepared:", row["cluster_name"], row["status"], repr(row["empty"]).replace("'", '"'), "null" if row["none"] is None else "not null")
    print("killed:", killed(session))
    print("alive:", query(session, "SELECT 1 AS one")[0]["one"])
