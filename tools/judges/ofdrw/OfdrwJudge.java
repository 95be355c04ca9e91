import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import org.bouncycastle.asn1.ASN1BitString;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.util.encoders.Hex;
import org.ofdrw.gm.ses.v4.SES_CertList;
import org.ofdrw.gm.ses.v4.SES_ESPropertyInfo;
import org.ofdrw.gm.ses.v4.SES_SealInfo;
import org.ofdrw.gm.ses.v4.SES_Signature;
import org.ofdrw.gm.ses.v4.SESeal;
import org.ofdrw.gm.ses.v4.TBS_Sign;

/**
 * SESeal and SES_Signature as ofdrw reads them and Bouncy Castle verifies their SM2 values. Reads requests from standard input, one a line,
 * fields separated by tabs, and answers each with one line of JSON:
 *
 *   seal       FILE        what the SESeal says, and whether its maker signed it
 *   signature  FILE        the same of the seal within, what was signed, and whether the signer of the seal's list signed it
 *
 * Everything is encoded again by ofdrw before it is verified: what is not the DER of the standard's structure does not hold.
 */
public final class OfdrwJudge {
  private static final String SM2_WITH_SM3 = "1.2.156.10197.1.501";
  private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();

  public static void main(String[] args) throws Exception {
    PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8.name());
    BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) answers.println(answer(line.split("\t")));
  }

  private static String answer(String[] request) {
    try {
      byte[] der = Files.readAllBytes(Paths.get(request[1]));
      String told = request[0].equals("seal") ? seal(SESeal.getInstance(der)) : signature(SES_Signature.getInstance(der));
      return "{\"file\":" + quote(request[1]) + "," + told + "}";
    } catch (Exception fault) {
      return "{\"file\":" + quote(request[1]) + ",\"fault\":" + quote(fault) + "}";
    }
  }

  private static String seal(SESeal seal) throws Exception {
    SES_SealInfo info = seal.geteSealInfo();
    SES_ESPropertyInfo property = info.getProperty();
    boolean isMakers = seal.getSignAlgID().getId().equals(SM2_WITH_SM3)
        && verify(seal.getCert(), info, seal.getSignedValue());
    return "\"esID\":" + quote(info.getEsID().getString())
        + ",\"version\":" + info.getHeader().getVersion().getValue()
        + ",\"vendor\":" + quote(info.getHeader().getVid().getString())
        + ",\"name\":" + quote(property.getName().getString())
        + ",\"validStart\":" + quote(property.getValidStart().getDate().toInstant())
        + ",\"validEnd\":" + quote(property.getValidEnd().getDate().toInstant())
        + ",\"pictureType\":" + quote(info.getPicture().getType().getString())
        + ",\"pictureDigest\":" + quote(Hex.toHexString(sm3(info.getPicture().getData().getOctets())))
        + ",\"makerSigned\":" + isMakers;
  }

  private static String signature(SES_Signature signature) throws Exception {
    TBS_Sign signed = signature.getToSign();
    boolean isSigners = signature.getSignatureAlgID().getId().equals(SM2_WITH_SM3)
        && isInList(signed.getEseal().geteSealInfo().getProperty().getCertList(), signature.getCert())
        && verify(signature.getCert(), signed, signature.getSignature());
    return seal(signed.getEseal())
        + ",\"dataHash\":" + quote(Hex.toHexString(signed.getDataHash().getOctets()))
        + ",\"propertyInfo\":" + quote(signed.getPropertyInfo().getString())
        + ",\"time\":" + quote(signed.getTimeInfo().getDate().toInstant())
        + ",\"timeStamped\":" + (signature.getTimeStamp() != null)
        + ",\"signerSigned\":" + isSigners;
  }

  private static boolean isInList(SES_CertList list, ASN1OctetString certificate) {
    for (ASN1OctetString one : list.getCerts()) if (one.equals(certificate)) return true;
    return false;
  }

  private static boolean verify(ASN1OctetString certificate, ASN1Encodable signed, ASN1BitString value) throws Exception {
    PublicKey key = CertificateFactory.getInstance("X.509", PROVIDER)
        .generateCertificate(new ByteArrayInputStream(certificate.getOctets()))
        .getPublicKey();
    Signature verifier = Signature.getInstance(SM2_WITH_SM3, PROVIDER);
    verifier.initVerify(key);
    verifier.update(signed.toASN1Primitive().getEncoded("DER"));
    return verifier.verify(value.getOctets());
  }

  private static byte[] sm3(byte[] data) throws Exception {
    return java.security.MessageDigest.getInstance("SM3", PROVIDER).digest(data);
  }

  private static String quote(Object value) {
    StringBuilder text = new StringBuilder("\"");
    for (char c : String.valueOf(value).toCharArray()) {
      if (c == '"' || c == '\\') text.append('\\').append(c);
      else if (c < ' ') text.append(String.format("\\u%04x", (int) c));
      else text.append(c);
    }
    return text.append('"').toString();
  }
}
