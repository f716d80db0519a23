// Numbers as people read them, without Foundation's formatters: those take longer than a prediction to start.

/// `98.1 MB`, in powers of 1000.
func readableBytes(_ count: Int) -> String {
  var value = Double(count)
  var unit = "B"
  for larger in ["kB", "MB", "GB"] where value >= 1000 {
    value /= 1000
    unit = larger
  }
  return unit == "B" ? "\(count) B" : "\(fixed(value, 1)) \(unit)"
}

/// A number with so many digits after the point.
func fixed(_ value: Double, _ digits: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
  let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
  let scaled = Int((abs(value) * scale).rounded())
  let whole = "\(scaled / Int(scale))"
  let fraction = String(scaled % Int(scale))
  let sign = value < 0 && scaled != 0 ? "-" : ""
  guard digits > 0 else { return sign + whole }
  return sign + whole + "." + String(repeating: "0", count: digits - fraction.count) + fraction
}

/// `1 thread`, `2 threads`; the plural where it is not the noun with an s.
func counted(_ count: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
}
