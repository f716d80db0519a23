/// What the head of an HTTP answer says.
struct ResponseHead {
  /// 0 for a local file.
  var status = 0
  private var fields: [String: String] = [:]

  /// Takes one line of a head. A status line begins anew, as after a redirection.
  mutating func take(_ line: String) {
    if line.hasPrefix("HTTP/") { fields = [:] }
    guard let colon = line.firstIndex(of: ":") else { return }
    fields[line[..<colon].lowercased()] = trimmed(line[line.index(after: colon)...])
  }

  /// What `If-Range` may name: a strong `ETag`, or else `Last-Modified`.
  var validator: String? {
    if let tag = fields["etag"], !tag.hasPrefix("W/") { return tag }
    return fields["last-modified"]
  }

  /// The first byte of a partial answer: 100 in `bytes 100-199/200`.
  var rangeStart: Int? {
    guard let range = fields["content-range"], range.hasPrefix("bytes ") else { return nil }
    return Int(range.dropFirst(6).prefix { $0.isNumber })
  }

  /// The size of the whole: 200 in `bytes 100-199/200`.
  var rangeTotal: Int? {
    fields["content-range"].flatMap { $0.split(separator: "/").last }.flatMap { Int($0) }
  }

  /// Why there is no file in this answer; nil when there is one.
  func refusal(retryAfter: Int64) -> TransferFailure? {
    switch status {
    case 0, 200, 206: return nil
    case 408, 425, 429, 500...599:
      return .broken(reason: answer, retryAfter: retryAfter > 0 ? Double(retryAfter) : nil)
    default: return .refused(reason: answer, isMissing: status == 404 || status == 410)
    }
  }

  private var answer: String {
    let meaning = [
      400: "bad request", 401: "a password is needed", 403: "forbidden", 404: "not found", 410: "gone",
      407: "the proxy needs a password", 408: "time is up", 416: "no such range",
      429: "too many requests", 500: "an error of its own", 502: "bad gateway", 503: "unavailable",
      504: "gateway time-out",
    ][status]
    return "the server answered \(status)" + (meaning.map { " (\($0))" } ?? "")
  }

  private func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
