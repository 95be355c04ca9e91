import eu.europa.esig.validationreport.ValidationReportFacade;
import eu.europa.esig.validationreport.jaxb.SignatureValidationReportType;
import eu.europa.esig.validationreport.jaxb.ValidationReportType;
import java.io.File;
import java.util.function.Function;
import java.util.stream.Collectors;

/** EU DSS's reader of validation reports (ETSI TS 119 102-2): checks a file against the schema and says what it reads in it. */
public final class ReportJudge implements Function<String[], String> {
  @Override
  public String apply(String[] request) {
    String file = request[1];
    try {
      ValidationReportType report = ValidationReportFacade.newFacade().unmarshall(new File(file), true);
      String read = report.getSignatureValidationReport().stream()
          .map(ReportJudge::describe)
          .collect(Collectors.joining(",", "[", "]"));
      int objects = report.getSignatureValidationObjects() == null
          ? 0
          : report.getSignatureValidationObjects().getValidationObject().size();
      return "{\"file\":" + Judges.quote(file) + ",\"reports\":" + read + ",\"objects\":" + objects + "}";
    } catch (Exception fault) {
      return "{\"file\":" + Judges.quote(file) + ",\"refused\":" + Judges.quote(fault) + "}";
    }
  }

  private static String describe(SignatureValidationReportType report) {
    String subs = report.getSignatureValidationStatus().getSubIndication().stream()
        .map(Judges::quote)
        .collect(Collectors.joining(",", "[", "]"));
    return "{\"indication\":" + Judges.quote(report.getSignatureValidationStatus().getMainIndication())
        + ",\"subIndications\":" + subs + "}";
  }
}
