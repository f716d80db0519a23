import Glibc

/// What the head of an HTTP answer says.
struct ResponseHead {
  /// 0 before there is an answer.
  var status = 0
  private var protocolName = ""
  private var fields: [String: String] = [:]

  /// Takes one line of a head. A status line begins anew, as after a redirection.
  mutating func take(_ line: String) {
    if line.hasPrefix("HTTP/") {
      fields = [:]
      protocolName = String(line.prefix { !$0.isWhitespace })
    }
    guard let colon = line.firstIndex(of: ":") else { return }
    fields[line[..<colon].lowercased()] = trimmed(line[line.index(after: colon)...])
  }

  /// What `If-Range` may name, because it is given to one version of a file and to no other (RFC 9110, 8.8): a
  /// strong `ETag`; where there is none at all, a `Last-Modified` that lies a minute or more before `Date`.
  var validator: String? {
    if let tag = fields["etag"] { return tag.isEmpty || tag.lowercased().hasPrefix("w/") ? nil : tag }
    guard let modified = fields["last-modified"], let modifiedTime = seconds(modified),
      let now = fields["date"].flatMap(seconds), now - modifiedTime >= 60
    else { return nil }
    return modified
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

  /// Whether the end of the connection is all that tells the end of the body: it may as well have broken off.
  var endsWithConnection: Bool {
    protocolName.hasPrefix("HTTP/1") && fields["content-length"] == nil && fields["transfer-encoding"] == nil
  }

  var leadsElsewhere: Bool { fields["location"] != nil }

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
    let redirection =
      [301, 302, 303, 307, 308].contains(status) && !leadsElsewhere ? "a redirection to nowhere" : nil
    return "the server answered \(status)" + ((meaning ?? redirection).map { " (\($0))" } ?? "")
  }

  /// Since 1970, of a date as `Sun, 06 Nov 1994 08:49:37 GMT`.
  private func seconds(_ date: String) -> Int? {
    let words = date.split(separator: " ")
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]), let year = Int32(words[3]),
      (1970...9999).contains(year), let month = months.firstIndex(of: String(words[2]))
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int32($0) }
    guard clock.count == 3 else { return nil }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, Int32(month), day)
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (clock[0], clock[1], clock[2])
    return timegm(&parts)
  }

  private func trimmed(_ text: Substring) -> String {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
