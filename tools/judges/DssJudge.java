import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.pdf.modifications.DefaultPdfDifferencesFinder;
import eu.europa.esig.dss.pdf.pdfbox.PdfBoxDefaultObjectFactory;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.revocation.crl.ExternalResourcesCRLSource;
import eu.europa.esig.dss.spi.x509.revocation.ocsp.ExternalResourcesOCSPSource;
import eu.europa.esig.dss.validation.reports.Reports;
import java.io.File;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** EU DSS with its own validation policy or the one that is named, offline: it asks nobody and knows only what the trust folder and the document hold. */
public final class DssJudge implements Function<String[], String> {
  private final Map<String, CommonCertificateVerifier> verifiers = new HashMap<>();

  @Override
  public String apply(String[] request) {
    String file = request[1];
    try {
      PDFDocumentValidator validator = new PDFDocumentValidator(new FileDocument(file));
      validator.setPdfObjFactory(withoutPictures());
      validator.setCertificateVerifier(verifiers.computeIfAbsent(request[2], DssJudge::verifierOf));
      if (!request[3].equals("now")) validator.setValidationTime(Date.from(Instant.parse(request[3])));
      return describe(file, request.length > 4 ? validator.validateDocument(new File(request[4])) : validator.validateDocument());
    } catch (Exception fault) {
      return "{\"file\":" + Judges.quote(file) + ",\"fault\":" + Judges.quote(fault) + "}";
    }
  }

  /** Rendering each page of each revision takes seconds; what changed is told from the objects. */
  private static PdfBoxDefaultObjectFactory withoutPictures() {
    DefaultPdfDifferencesFinder differences = new DefaultPdfDifferencesFinder();
    differences.setMaximalPagesAmountForVisualComparison(0);
    PdfBoxDefaultObjectFactory factory = new PdfBoxDefaultObjectFactory();
    factory.setPdfDifferencesFinder(differences);
    return factory;
  }

  private static CommonCertificateVerifier verifierOf(String folder) {
    CommonTrustedCertificateSource anchors = new CommonTrustedCertificateSource();
    for (String path : pathsIn(folder, ".pem")) anchors.addCertificate(DSSUtils.loadCertificate(new File(path)));
    CommonCertificateVerifier verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(anchors);
    verifier.setCrlSource(new ExternalResourcesCRLSource(streams(folder, ".crl")));
    verifier.setOcspSource(new ExternalResourcesOCSPSource(streams(folder, ".ocsp")));
    return verifier;
  }

  private static InputStream[] streams(String folder, String ending) {
    return pathsIn(folder, ending).stream()
        .map(path -> new FileDocument(path).openStream())
        .toArray(InputStream[]::new);
  }

  private static List<String> pathsIn(String folder, String ending) {
    String[] names = new File(folder).list((place, name) -> name.endsWith(ending));
    if (names == null) throw new IllegalArgumentException("no folder " + folder);
    Arrays.sort(names);
    return Arrays.stream(names).map(name -> folder + File.separator + name).collect(Collectors.toList());
  }

  private static String describe(String file, Reports reports) {
    SimpleReport report = reports.getSimpleReport();
    DiagnosticData data = reports.getDiagnosticData();
    List<String> signatures = new ArrayList<>();
    for (String id : report.getSignatureIdList()) {
      SignatureWrapper signature = data.getSignatureById(id);
      signatures.add(
          "{\"field\":" + Judges.quote(first(signature.getPDFRevision().getSignatureFieldNames()))
              + ",\"level\":" + Judges.quote(report.getSignatureFormat(id))
              + ",\"time\":" + Judges.quote(report.getBestSignatureTime(id).toInstant())
              + verdict(report, id) + "}");
    }
    List<String> timeStamps = new ArrayList<>();
    for (String id : report.getTimestampIdList()) timeStamps.add(describe(report, data.getTimestampById(id)));
    for (SignatureWrapper signature : data.getSignatures())
      for (TimestampWrapper timeStamp : signature.getTimestampList()) timeStamps.add(describe(report, timeStamp));
    return "{\"file\":" + Judges.quote(file) + ",\"signatures\":[" + String.join(",", signatures)
        + "],\"timeStamps\":[" + timeStamps.stream().distinct().collect(Collectors.joining(",")) + "]}";
  }

  private static String describe(SimpleReport report, TimestampWrapper timeStamp) {
    return "{\"type\":" + Judges.quote(timeStamp.getType())
        + ",\"time\":" + Judges.quote(timeStamp.getProductionTime().toInstant())
        + verdict(report, timeStamp.getId()) + "}";
  }

  private static String verdict(SimpleReport report, String id) {
    List<Message> errors = report.getAdESValidationErrors(id);
    List<Message> warnings = report.getAdESValidationWarnings(id);
    return ",\"indication\":" + Judges.quote(report.getIndication(id))
        + ",\"subIndication\":" + Judges.quote(report.getSubIndication(id))
        + ",\"errors\":" + texts(errors) + ",\"warnings\":" + texts(warnings);
  }

  private static String texts(List<Message> messages) {
    return messages.stream().map(message -> Judges.quote(message.getValue())).collect(Collectors.joining(",", "[", "]"));
  }

  private static String first(List<String> names) {
    return names.isEmpty() ? null : names.get(0);
  }
}
