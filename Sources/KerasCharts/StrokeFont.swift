/// Letters made of strokes: the Hershey font Simplex Roman, printable ASCII.
///
/// The Hershey Fonts were originally created by Dr. A. V. Hershey while working at the U. S. National Bureau of Standards.
/// The format of the font data was originally created by James Hurt, Cognition, Inc., 900 Technology Park Drive,
/// Billerica, MA 01821 (mit-eddie!ci-dandelion!hurt).
enum StrokeFont {
  /// A letter: where it begins and ends, and its strokes; y grows downwards from the middle of a capital.
  struct Glyph {
    var left: Double
    var right: Double
    var strokes: [[Point]]

    var width: Double { right - left }
  }

  /// Capitals reach from here…
  static let capital = -12.0
  /// … to here.
  static let baseline = 9.0

  /// The letter; a box for what is no printable ASCII.
  static func glyph(_ character: Unicode.Scalar) -> Glyph {
    let place = Int(character.value) - 32
    return glyphs.indices.contains(place) ? glyphs[place] : missing
  }

  /// How wide a text is where a capital is `baseline - capital` high.
  static func width(_ text: String) -> Double {
    text.unicodeScalars.reduce(0) { $0 + glyph($1).width }
  }

  private static let missing = Glyph(
    left: -9, right: 9,
    strokes: [[Point(-6, -12), Point(6, -12), Point(6, 9), Point(-6, 9), Point(-6, -12)]])

  /// Letters as pairs of characters, whose distances from `R` are x and y: first left and right, then points; ` R` lifts
  /// the pen.
  private static let glyphs: [Glyph] = data.split(separator: "\n").map { line in
    func distance(_ byte: UInt8) -> Double { Double(Int(byte) - Int(UInt8(ascii: "R"))) }
    let bytes = Array(line.utf8)
    var strokes: [[Point]] = [[]]
    for place in stride(from: 2, to: bytes.count - 1, by: 2) {
      if bytes[place] == UInt8(ascii: " ") {
        strokes.append([])
      } else {
        strokes[strokes.count - 1].append(Point(distance(bytes[place]), distance(bytes[place + 1])))
      }
    }
    return Glyph(left: distance(bytes[0]), right: distance(bytes[1]), strokes: strokes.filter { !$0.isEmpty })
  }

  // swift-format-ignore
  private static let data = #"""
    JZ
    MWRFRT RRYQZR[SZRY
    JZNFNM RVFVM
    H]SBLb RYBRb RLOZO RKUYU
    H\PBP_ RTBT_ RYIWGTFPFMGKIKKLMMNOOUQWRXSYUYXWZT[P[MZKX
    F^[FI[ RNFPHPJOLMMKMIKIIJGLFNFPGSHVHYG[F RWTUUTWTYV[X[ZZ[X[VYTWT
    E_\O\N[MZMYNXPVUTXRZP[L[JZIYHWHUISJRQNRMSKSIRGPFNGMIMKNNPQUXWZY[[[\Z\Y
    MWRHQGRFSGSIRKQL
    KYVBTDRGPKOPOTPYR]T`Vb
    KYNBPDRGTKUPUTTYR]P`Nb
    JZRLRX RMOWU RWOMU
    E_RIR[ RIR[R
    NVSWRXQWRVSWSYQ[
    E_IR[R
    NVRVQWRXSWRV
    G][BIb
    H\QFNGLJKOKRLWNZQ[S[VZXWYRYOXJVGSFQF
    H\NJPISFS[
    H\LKLJMHNGPFTFVGWHXJXLWNUQK[Y[
    H\MFXFRNUNWOXPYSYUXXVZS[P[MZLYKW
    H\UFKTZT RUFU[
    H\WFMFLOMNPMSMVNXPYSYUXXVZS[P[MZLYKW
    H\XIWGTFRFOGMJLOLTMXOZR[S[VZXXYUYTXQVOSNRNOOMQLT
    H\YFO[ RKFYF
    H\PFMGLILKMMONSOVPXRYTYWXYWZT[P[MZLYKWKTLRNPQOUNWMXKXIWGTFPF
    H\XMWPURRSQSNRLPKMKLLINGQFRFUGWIXMXRWWUZR[P[MZLX
    NVROQPRQSPRO RRVQWRXSWRV
    NVROQPRQSPRO RSWRXQWRVSWSYQ[
    F^ZIJRZ[
    E_IO[O RIU[U
    F^JIZRJ[
    I[LKLJMHNGPFTFVGWHXJXLWNVORQRT RRYQZR[SZRY
    E`WNVLTKQKOLNMMPMSNUPVSVUUVS RQKOMNPNSOUPV RWKVSVUXVZV\T]Q]O\L[JYHWGTFQFNGLHJJILHOHRIUJWLYNZQ[T[WZYYZX RXKWSWUXV
    I[RFJ[ RRFZ[ RMTWT
    G\KFK[ RKFTFWGXHYJYLXNWOTP RKPTPWQXRYTYWXYWZT[K[
    H]ZKYIWGUFQFOGMILKKNKSLVMXOZQ[U[WZYXZV
    G\KFK[ RKFRFUGWIXKYNYSXVWXUZR[K[
    H[LFL[ RLFYF RLPTP RL[Y[
    HZLFL[ RLFYF RLPTP
    H]ZKYIWGUFQFOGMILKKNKSLVMXOZQ[U[WZYXZVZS RUSZS
    G]KFK[ RYFY[ RKPYP
    NVRFR[
    JZVFVVUYTZR[P[NZMYLVLT
    G\KFK[ RYFKT RPOY[
    HYLFL[ RL[X[
    F^JFJ[ RJFR[ RZFR[ RZFZ[
    G]KFK[ RKFY[ RYFY[
    G]PFNGLIKKJNJSKVLXNZP[T[VZXXYVZSZNYKXIVGTFPF
    G\KFK[ RKFTFWGXHYJYMXOWPTQKQ
    G]PFNGLIKKJNJSKVLXNZP[T[VZXXYVZSZNYKXIVGTFPF RSWY]
    G\KFK[ RKFTFWGXHYJYLXNWOTPKP RRPY[
    H\YIWGTFPFMGKIKKLMMNOOUQWRXSYUYXWZT[P[MZKX
    JZRFR[ RKFYF
    G]KFKULXNZQ[S[VZXXYUYF
    I[JFR[ RZFR[
    F^HFM[ RRFM[ RRFW[ R\FW[
    H\KFY[ RYFK[
    I[JFRPR[ RZFRP
    H\YFK[ RKFYF RK[Y[
    KYOBOb RPBPb ROBVB RObVb
    KYKFY^
    KYTBTb RUBUb RNBUB RNbUb
    JZRDJR RRDZR
    I[Ib[b
    NVSKQMQORPSORNQO
    I\XMX[ RXPVNTMQMONMPLSLUMXOZQ[T[VZXX
    H[LFL[ RLPNNPMSMUNWPXSXUWXUZS[P[NZLX
    I[XPVNTMQMONMPLSLUMXOZQ[T[VZXX
    I\XFX[ RXPVNTMQMONMPLSLUMXOZQ[T[VZXX
    I[LSXSXQWOVNTMQMONMPLSLUMXOZQ[T[VZXX
    MYWFUFSGRJR[ ROMVM
    I\XMX]W`VaTbQbOa RXPVNTMQMONMPLSLUMXOZQ[T[VZXX
    I\MFM[ RMQPNRMUMWNXQX[
    NVQFRGSFREQF RRMR[
    MWRFSGTFSERF RSMS^RaPbNb
    IZMFM[ RWMMW RQSX[
    NVRFR[
    CaGMG[ RGQJNLMOMQNRQR[ RRQUNWMZM\N]Q][
    I\MMM[ RMQPNRMUMWNXQX[
    I\QMONMPLSLUMXOZQ[T[VZXXYUYSXPVNTMQM
    H[LMLb RLPNNPMSMUNWPXSXUWXUZS[P[NZLX
    I\XMXb RXPVNTMQMONMPLSLUMXOZQ[T[VZXX
    KXOMO[ ROSPPRNTMWM
    J[XPWNTMQMNNMPNRPSUTWUXWXXWZT[Q[NZMX
    MYRFRWSZU[W[ ROMVM
    I\MMMWNZP[S[UZXW RXMX[
    JZLMR[ RXMR[
    G]JMN[ RRMN[ RRMV[ RZMV[
    J[MMX[ RXMM[
    JZLMR[ RXMR[P_NaLbKb
    J[XMM[ RMMXM RM[X[
    KYTBRCQDPFPHQJRKSMSOQQ RRCQEQGRISJTLTNSPORSTTVTXSZR[Q]Q_Ra RQSSUSWRYQZP\P^Q`RaTb
    NVRBRb
    KYPBRCSDTFTHSJRKQMQOSQ RRCSESGRIQJPLPNQPURQTPVPXQZR[S]S_Ra RSSQUQWRYSZT\T^S`RaPb
    F^IUISJPLONOPPTSVTXTZS[Q RISJQLPNPPQTTVUXUZT[Q[O
    """#
}
