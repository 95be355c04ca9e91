import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * EU DSS and veraPDF in one JVM. Reads requests from standard input, one a line, fields separated by tabs, and answers each with
 * one line of JSON:
 *
 *   dss      FILE  TRUST_FOLDER  TIME  [POLICY]
 *                                         signatures and time stamps of a PDF; TIME is an ISO 8601 instant or "now"; POLICY a file.
 *                                         The folder's *.pem are trust anchors, its *.crl and *.ocsp what is known besides.
 *   report   FILE                         whether the XML is a validation report of ETSI TS 119 102-2, and what it says
 *   verapdf  FILE  FLAVOUR                whether the PDF conforms, for example to 3b
 *
 * Arguments: the folder with DSS's libraries, veraPDF's one, the folder of these classes. Each judge has libraries of its own.
 */
public final class Judges {
  private static final Map<String, String> NAMES =
      Map.of("dss", "DssJudge", "report", "ReportJudge", "verapdf", "VerapdfJudge");

  public static void main(String[] args) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    Map<String, Function<String[], String>> judges = new HashMap<>();
    BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      String[] request = line.split("\t");
      Function<String[], String> judge = judges.get(request[0]);
      if (judge == null) {
        String name = NAMES.get(request[0]);
        judge = load(name, name.equals("VerapdfJudge") ? args[1] : args[0], args[2]);
        judges.put(request[0], judge);
      }
      Thread.currentThread().setContextClassLoader(judge.getClass().getClassLoader());
      answers.println(judge.apply(request));
    }
  }

  @SuppressWarnings("unchecked")
  private static Function<String[], String> load(String name, String libraries, String classes) throws Exception {
    List<URL> path = new ArrayList<>();
    path.add(new File(classes).toURI().toURL());
    File place = new File(libraries);
    File[] jars = place.isDirectory() ? place.listFiles((folder, file) -> file.endsWith(".jar")) : new File[] {place};
    for (File jar : jars) path.add(jar.toURI().toURL());
    ClassLoader loader = new URLClassLoader(path.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
    return (Function<String[], String>) loader.loadClass(name).getDeclaredConstructor().newInstance();
  }

  /** A JSON string, or null. */
  static String quote(Object value) {
    if (value == null) return "null";
    StringBuilder text = new StringBuilder("\"");
    for (char c : value.toString().toCharArray()) {
      if (c == '"' || c == '\\') text.append('\\').append(c);
      else if (c < ' ') text.append(String.format("\\u%04x", (int) c));
      else text.append(c);
    }
    return text.append('"').toString();
  }
}
