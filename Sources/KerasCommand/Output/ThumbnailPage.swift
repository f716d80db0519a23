import Glibc
import Keras

/// A page of small pictures that needs nothing but itself, written as it comes.
struct ThumbnailPage {
  private let file: FileInProgress

  /// The longest side of a small picture, in pixels.
  private static let side = 160

  /// Writes a page beside `path`, and renames it when `body` has come to its end.
  static func write(
    to path: String?, title: String, _ body: (ThumbnailPage?) throws(KerasError) -> Void
  ) throws(KerasError) {
    guard let path else { return try body(nil) }
    try writeFile(at: path) { (file) throws(KerasError) in
      let page = ThumbnailPage(file: file)
      try page.begin(title)
      try body(page)
      try page.put("</body>\n</html>\n")
    }
  }

  private init(file: FileInProgress) { self.file = file }

  private func begin(_ title: String) throws(KerasError) {
    try put(
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
      <meta name="viewport" content="width=device-width">
      <title>\(title.asMarkup)</title>
      <style>
      :root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; }
      body { margin: 1.5rem; }
      h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; overflow-wrap: anywhere; }
      section { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; }
      figure { margin: 0; width: \(Self.side)px; }
      img, .missing { display: block; max-width: 100%; }
      .missing { height: \(Self.side / 2)px; border: 1px dashed; padding: .5rem; overflow: hidden; box-sizing: border-box; }
      figcaption { overflow-wrap: anywhere; font-size: .85em; }
      .first img { outline: 3px solid #3a7bd5; }
      svg { display: block; max-width: 100%; height: auto; margin-bottom: 1rem; }
      .wide { overflow-x: auto; }
      table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
      th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid #8884; }
      th:first-child { text-align: left; }
      </style>
      </head>
      <body>
      <h1>\(title.asMarkup)</h1>

      """)
  }

  /// A paragraph.
  func note(_ text: String) throws(KerasError) { try put("<p>\(text.asMarkup)</p>\n") }

  /// A heading of what is no row of pictures.
  func heading(_ text: String) throws(KerasError) { try put("<h2>\(text.asMarkup)</h2>\n") }

  /// What is markup already.
  func markup(_ text: String) throws(KerasError) { try put(text) }

  /// A heading, and pictures below it.
  func section(
    _ heading: String, _ body: () throws(KerasError) -> Void
  ) throws(KerasError) {
    try put("<h2>\(heading.asMarkup)</h2>\n<section>\n")
    try body()
    try put("</section>\n")
  }

  /// A small picture of a file; what cannot be read is said in its place.
  ///
  /// - Parameters:
  ///   - path: nil where there is no file to show.
  ///   - isFirst: whether it is the one that others are compared with.
  func picture(_ path: String?, _ lines: [String], isFirst: Bool = false) throws(KerasError) {
    let caption = lines.map(\.asMarkup).joined(separator: "<br>")
    try put(
      "<figure\(isFirst ? " class=\"first\"" : "")>\(content(path))<figcaption>\(caption)</figcaption></figure>\n"
    )
  }

  private func content(_ path: String?) -> String {
    guard let path else { return "<div class=\"missing\">no file</div>" }
    // An index names what it likes: a pipe would be waited for.
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      return "<div class=\"missing\">This is no file of a picture.</div>"
    }
    do throws(KerasError) {
      let picture = try Image.thumbnail(of: path, within: Self.side)
      let bytes = try picture.encoded(as: .jpeg, quality: 80)
      return "<img width=\"\(picture.width)\" height=\"\(picture.height)\" alt=\"\(path.asMarkup)\" "
        + "src=\"data:image/jpeg;base64,\(base64(bytes))\">"
    } catch {
      return "<div class=\"missing\">\(error.what.asMarkup)</div>"
    }
  }

  private func put(_ text: String) throws(KerasError) { try file.append(Array(text.utf8)) }
}

/// Base 64 of RFC 4648.
private func base64(_ bytes: [UInt8]) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  text.reserveCapacity((bytes.count + 2) / 3 * 4)
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let value = (0..<3).reduce(0) { $0 << 8 | ($1 < group.count ? Int(group[start + $1]) : 0) }
    for place in 0..<4 {
      text.append(place <= group.count ? digits[value >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
    }
  }
  return String(decoding: text, as: UTF8.self)
}
