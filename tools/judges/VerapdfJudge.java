import java.io.FileInputStream;
import java.io.InputStream;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.ValidationResult;

/** veraPDF with the flavour that the request names. */
public final class VerapdfJudge implements Function<String[], String> {
  public VerapdfJudge() {
    VeraGreenfieldFoundryProvider.initialise();
  }

  @Override
  public String apply(String[] request) {
    String file = request[1];
    PDFAFlavour flavour = PDFAFlavour.fromString(request[2]);
    try (InputStream input = new FileInputStream(file);
        PDFAParser parser = Foundries.defaultInstance().createParser(input, flavour);
        PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
      ValidationResult result = validator.validate(parser);
      String failed = result.getFailedChecks().keySet().stream()
          .map(rule -> Judges.quote(rule.getClause() + "-" + rule.getTestNumber()))
          .sorted()
          .collect(Collectors.joining(",", "[", "]"));
      return "{\"file\":" + Judges.quote(file) + ",\"conformant\":" + result.isCompliant() + ",\"failed\":" + failed + "}";
    } catch (Exception fault) {
      return "{\"file\":" + Judges.quote(file) + ",\"fault\":" + Judges.quote(fault) + "}";
    }
  }
}
