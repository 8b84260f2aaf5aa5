/* The part of plotly.js that report.js uses. report.html puts plotly.js into the page, before report.js. */

interface PlotlyFigure {
  data: object[];
  layout: { height: number };
}

declare const Plotly: {
  newPlot(container: HTMLElement, data: object[], layout: object, config: object): Promise<HTMLElement>;
  relayout(container: HTMLElement, changes: object): Promise<HTMLElement>;
};
